compose convert
exit 14
