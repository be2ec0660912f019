compose -f shop/nearly.yaml check --strict
exit 3
