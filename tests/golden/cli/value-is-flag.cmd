secret create n --username u --password --password-stdin
exit 16
