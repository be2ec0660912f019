help ecs
exit 0
