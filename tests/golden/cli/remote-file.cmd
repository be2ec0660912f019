compose -f oci://example.com/app:v1 config
exit 15
