compose -f shop/legacy.yaml check --format json
exit 3
