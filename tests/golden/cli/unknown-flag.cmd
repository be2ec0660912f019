secret list --formt json
exit 16
