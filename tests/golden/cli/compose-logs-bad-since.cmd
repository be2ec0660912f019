compose -p app logs --since yesterday
exit 16
