compose -f shop/nearly.yaml check -q
exit 0
