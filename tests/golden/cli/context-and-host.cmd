-c a -H tcp://x secret list
exit 1
