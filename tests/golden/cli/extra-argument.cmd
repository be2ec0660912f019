version now
exit 16
