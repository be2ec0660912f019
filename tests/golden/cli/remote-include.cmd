compose -f shop/remote.yaml config
exit 15
