compose -f shop/compose.yaml -e GREETING=hi config --networks --quiet
exit 0
