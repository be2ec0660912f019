ecs secret lits
exit 16
