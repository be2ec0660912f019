compose -f shop/exact.yaml check --strict
exit 0
