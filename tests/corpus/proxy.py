"""The outside world for functions that may not reach it: an HTTPS proxy with answers of its own.

Functions are told of it by the variables that HTTP clients honour (HTTPS_PROXY, SSL_CERT_FILE);
its certificate comes from an authority that is made for one test and trusted by nobody else.
"""

from __future__ import annotations

import datetime
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

AUTHORITY, SERVER = (
    x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{what} made for a test")])
    for what in ("authority", "server")
)


@dataclass
class Outside:
    """What is answered, and what was asked."""

    answers: Mapping[str, bytes]
    """URL → body."""
    port: int = 0
    authority: Path = Path()
    asked: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HTTP_PROXY": f"http://127.0.0.1:{self.port}",
            "HTTPS_PROXY": f"http://127.0.0.1:{self.port}",
            "NO_PROXY": "127.0.0.1,localhost",
            "REQUESTS_CA_BUNDLE": str(self.authority),
            "SSL_CERT_FILE": str(self.authority),
        }


@contextmanager
def outside(folder: Path, answers: Mapping[str, bytes]) -> Iterator[Outside]:
    """Listens on a free port until the end."""
    hosts = sorted({urlsplit(url).hostname or "" for url in answers})
    context = certified(folder, hosts or ["localhost"])
    found = Outside(answers, authority=folder / "authority.pem")
    handler = type("Answering", (Handler,), {"outside": found, "context": context})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        found.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


class Handler(BaseHTTPRequestHandler):
    """A request as it is, or inside a tunnel that ends here."""

    outside: Outside
    context: ssl.SSLContext
    root = ""

    def do_CONNECT(self) -> None:
        self.root = f"https://{self.path.removesuffix(':443')}"
        self.send_response(200)
        self.end_headers()
        self.wfile.flush()
        try:
            self.connection = self.context.wrap_socket(self.connection, server_side=True)
        except (ssl.SSLError, OSError):
            self.close_connection = True
            return
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)
        self.handle_one_request()
        self.close_connection = True
        self.connection.close()

    def do_GET(self) -> None:
        url = f"{self.root}{self.path}"
        self.outside.asked.append(url)
        body = self.outside.answers.get(url)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


def certified(folder: Path, hosts: list[str]) -> ssl.SSLContext:
    """A server's context for these hosts; the authority that vouches lies in the folder."""
    authority, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = signed(authority, authority, x509.BasicConstraints(ca=True, path_length=0))
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    leaf = signed(own, authority, names)
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(root.public_bytes(pem))
    key = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(key + leaf.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def signed(
    key: ec.EllipticCurvePrivateKey,
    authority: ec.EllipticCurvePrivateKey,
    about: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    critical = isinstance(about, x509.BasicConstraints)
    subject, number = AUTHORITY if critical else SERVER, x509.random_serial_number()
    builder = x509.CertificateBuilder(AUTHORITY, subject, key.public_key(), number)
    builder = builder.not_valid_before(now - datetime.timedelta(days=1))
    builder = builder.not_valid_after(now + datetime.timedelta(days=1))
    builder = builder.add_extension(about, critical=critical)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    builder = builder.add_extension(identifier, critical=False)
    if critical:
        own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        builder = builder.add_extension(own, critical=False)
    return builder.sign(authority, hashes.SHA256())
