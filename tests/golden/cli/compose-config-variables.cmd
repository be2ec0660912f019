compose -f shop/compose.yaml config --variables
exit 0
