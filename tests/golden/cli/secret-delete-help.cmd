ecs secret rm --help
exit 0
