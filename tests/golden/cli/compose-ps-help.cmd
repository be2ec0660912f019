compose ps --help
exit 0
