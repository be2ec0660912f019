compose -f shop/wrong.yaml check
exit 15
