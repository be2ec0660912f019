compose -f shop/wrong.yaml config
exit 15
