compose check
exit 14
