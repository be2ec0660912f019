compose convert --help
exit 0
