__complete ecs secret create n ''
exit 0
