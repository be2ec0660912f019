secret list --format yaml
exit 16
