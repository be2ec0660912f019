__complete ecs ''
exit 0
