compose -f shop/compose.yaml -e GREETING=hi config weeb
exit 15
