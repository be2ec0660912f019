compose -f shop/compose.yaml config -q
exit 15
