secrt list
exit 16
