-l error compose -f shop/legacy.yaml config -q
exit 0
