__complete ecs version --format ''
exit 0
