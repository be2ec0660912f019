compose run
exit 16
