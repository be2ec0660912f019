ecs --help
exit 0
