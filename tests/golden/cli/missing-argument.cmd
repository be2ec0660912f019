secret create
exit 16
