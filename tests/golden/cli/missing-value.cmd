secret create n --password
exit 16
