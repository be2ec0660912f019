docker-cli-plugin-metadata
exit 0
