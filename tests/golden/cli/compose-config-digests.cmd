compose -f shop/compose.yaml config --lock-image-digests
exit 1
