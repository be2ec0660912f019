compose config --help
exit 0
