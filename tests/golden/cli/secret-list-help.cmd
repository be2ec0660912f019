secret ls --help
exit 0
