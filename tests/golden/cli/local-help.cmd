local --help
exit 0
