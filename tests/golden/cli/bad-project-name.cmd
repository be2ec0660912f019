compose -p 'Bad Name' ps
exit 15
