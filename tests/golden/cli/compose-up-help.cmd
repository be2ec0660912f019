compose up --help
exit 0
