compose -f shop/wrong.yaml check --format json
exit 15
