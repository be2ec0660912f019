compose -p app logs --tail some
exit 16
