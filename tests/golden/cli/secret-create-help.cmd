secret create --help
exit 0
