setup --help
exit 0
