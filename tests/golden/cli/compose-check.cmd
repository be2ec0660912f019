compose -f shop/legacy.yaml check
exit 3
