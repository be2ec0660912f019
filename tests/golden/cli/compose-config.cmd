compose -f shop/compose.yaml -e GREETING=hi config
exit 0
