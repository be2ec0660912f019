__complete ecs secret create n --pass
exit 0
