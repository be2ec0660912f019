version --format json
exit 0
