"""Transparent mode: an HTTPS proxy that is googleapis.com for who is led to it.

hosts      which hosts are answered here, which are refused, which are let through
authority  a private CA, made once, and the certificate of Google's hosts
tunnel     bytes from here to there
server     CONNECT requests, and where each goes

Clients need no endpoint option: HTTPS_PROXY and a bundle of certificates are enough, for REST and
gRPC, in any library. What they send arrives with their own token, as in the cloud.
"""

from emulator.proxy.server import service

__all__ = ["service"]
