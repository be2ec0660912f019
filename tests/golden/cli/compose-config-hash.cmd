compose -f shop/compose.yaml -e GREETING=hi config --hash web
exit 0
