-H 127.0.0.1:2376 --tlsverify secret list
exit 1
