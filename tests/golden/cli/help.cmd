--help
exit 0
