secret --help
exit 0
