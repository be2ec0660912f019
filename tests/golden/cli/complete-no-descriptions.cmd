__completeNoDesc secret ''
exit 0
