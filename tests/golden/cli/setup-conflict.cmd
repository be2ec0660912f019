setup --from-env --profile p
exit 16
