--context nowhere secret list
exit 1
