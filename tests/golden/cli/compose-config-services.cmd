compose -f shop/compose.yaml -e GREETING=hi config --services
exit 0
