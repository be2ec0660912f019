compose run --help
exit 0
