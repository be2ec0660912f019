compose -f shop/compose.yaml -e GREETING=hi config --format json api
exit 0
