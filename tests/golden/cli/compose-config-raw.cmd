compose -f shop/compose.yaml config --no-interpolate --no-path-resolution
exit 0
