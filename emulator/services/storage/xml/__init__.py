"""Storage's XML API: signed URLs, obstore's and S3-like clients' paths `/<bucket>/<object>`.

app        paths → handlers, and who calls        objects    one object's bytes
parts      multipart uploads                      documents  answers and refusals in XML
names      what headers say in this API, in the words of the JSON one
"""
