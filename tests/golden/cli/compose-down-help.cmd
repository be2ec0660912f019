compose down --help
exit 0
