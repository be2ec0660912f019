-H ssh://host secret list
exit 1
