__complete ecs version --format=j
exit 0
