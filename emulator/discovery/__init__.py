"""Google's own descriptions of its APIs, trimmed and shipped, and the check against them.

documents/  one gzipped JSON document per API, with its revision
refresh     makes them again from a newer google-api-python-client
catalog     documents → methods that a request can be matched to
schema      is this JSON what a schema says, and in its plain form?
query       the same for query parameters and update masks
check       the layer around a service: refuses wrong requests, tells wrong answers
"""
