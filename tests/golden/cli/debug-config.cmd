-D compose -f shop/exact.yaml config -q
exit 0
