compose check --help
exit 0
