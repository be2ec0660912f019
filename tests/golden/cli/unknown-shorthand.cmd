version -x
exit 16
