version --short=perhaps
exit 16
