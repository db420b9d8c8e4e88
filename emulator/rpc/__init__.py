"""One implementation of an API, two wires: REST and gRPC speak the same JSON to the same method.

method   what a method is called on either wire, and who performs it
rest     a method as a route: path template, query and body → one request
grpc     a method as a handler: message ⇄ the same request and answer
listing  pages, order and enums of list requests
filters  the filter language of Google's list methods (AIP-160)
"""
