setup
exit 16
