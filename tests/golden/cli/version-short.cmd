ecs version --short
exit 0
