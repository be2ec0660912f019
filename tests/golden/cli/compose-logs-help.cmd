compose logs --help
exit 0
