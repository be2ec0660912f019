
exit 0
