compose -f shop/compose.yaml -e GREETING=hi config --images
exit 0
