--version
exit 0
