version
exit 0
