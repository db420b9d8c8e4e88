"""A private CA, made once, and the certificate with which this emulator is Google's hosts.

The key of the CA is readable by the owner alone; each start makes a new certificate with it.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.proxy.hosts import CERTIFIED

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, CertificateBuilder, KeyUsage, Name

NAME = "Blocklift local cloud"
YEARS = timedelta(days=3650)
DAYS = timedelta(days=397)
"""The longest that clients take of a server's certificate."""
SLACK = timedelta(days=2)
ALPN = ["http/1.1", "h2"]
"""Who speaks HTTP/1.1 gets REST; gRPC offers nothing but h2."""
ROOTS = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")


class Authority:
    """The files in one emulator's `keys` folder."""

    def __init__(self, folder: Path) -> None:
        self._key_file = folder / "ca.key"
        self.certificate_file = folder / "ca.pem"
        self.bundle = folder / "ca-bundle.pem"
        """The CA, and all that this machine trusts: for clients that can be told but one file."""
        self._leaf = folder / "googleapis.pem"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def context(self, names: Sequence[str] = ()) -> ssl.SSLContext:
        """For a server that answers as Google's hosts, and as `names`."""
        key, certificate = self._own()
        self._write_leaf(key, certificate, [*CERTIFIED, *names])
        self._write(self.bundle, trusted() + self.certificate_file.read_bytes(), 0o644)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._leaf)
        context.set_alpn_protocols(ALPN)
        return context

    def _own(self) -> tuple[EllipticCurvePrivateKey, Certificate]:
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        if not self._key_file.exists() or not self.certificate_file.exists():
            self._make()
        key = load_pem_private_key(self._key_file.read_bytes(), None)
        assert isinstance(key, EllipticCurvePrivateKey)
        return key, x509.load_pem_x509_certificate(self.certificate_file.read_bytes())

    def _make(self) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes

        key, name = _new_key(), _named(NAME)
        builder = _between(x509.CertificateBuilder().subject_name(name).issuer_name(name), YEARS)
        builder = builder.public_key(key.public_key()).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        made = builder.add_extension(_signs(), critical=True).sign(key, hashes.SHA256())
        self._write(self._key_file, _key_pem(key), 0o600)
        self._write(self.certificate_file, _pem(made), 0o644)

    def _write_leaf(
        self, ca_key: EllipticCurvePrivateKey, ca: Certificate, names: Sequence[str]
    ) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes

        key = _new_key()
        builder = x509.CertificateBuilder().subject_name(_named("*.googleapis.com"))
        builder = _between(builder.issuer_name(ca.subject), DAYS).public_key(key.public_key())
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
        ).add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
        made = builder.sign(ca_key, hashes.SHA256())
        self._write(self._leaf, _key_pem(key) + _pem(made), 0o600)

    def _write(self, path: Path, data: bytes, mode: int) -> None:
        """Whole or not at all, and never readable by others for a moment."""
        beside = path.with_suffix(".new")
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
        beside.rename(path)


def trusted() -> bytes:
    """The certificates that this process was told to trust, or that everybody does."""
    import certifi

    told = next((os.environ[name] for name in ROOTS if os.environ.get(name)), certifi.where())
    file = Path(told)
    return (file if file.is_file() else Path(certifi.where())).read_bytes().rstrip() + b"\n"


def _new_key() -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _named(text: str) -> Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _between(builder: CertificateBuilder, span: timedelta) -> CertificateBuilder:
    from cryptography import x509

    now = datetime.now(UTC)
    builder = builder.not_valid_before(now - SLACK).not_valid_after(now - SLACK + span)
    return builder.serial_number(x509.random_serial_number())


def _signs() -> KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives import serialization as s

    return key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())


def _pem(certificate: Certificate) -> bytes:
    from cryptography.hazmat.primitives import serialization as s

    return certificate.public_bytes(s.Encoding.PEM)
