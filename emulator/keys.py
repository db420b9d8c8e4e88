"""The keys of one emulator: made once, kept in its data where only the owner may read."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey


def new_rsa_key() -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def to_pem(key: RSAPrivateKey) -> bytes:
    from cryptography.hazmat.primitives import serialization as s

    return key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())


def public_pem(key: RSAPublicKey) -> bytes:
    from cryptography.hazmat.primitives import serialization as s

    return key.public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo)


def from_public_pem(pem: bytes) -> RSAPublicKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key = load_pem_public_key(pem)
    assert isinstance(key, RSAPublicKey)
    return key


def key_id(key: RSAPublicKey) -> str:
    return hashlib.sha1(public_pem(key), usedforsecurity=False).hexdigest()


class Keys:
    """Read from `folder`, or made there when first needed: RSA takes a tenth of a second."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def secret(self) -> bytes:
        """For the opaque access tokens."""
        return self._kept("token.key", lambda: secrets.token_bytes(32))

    @cached_property
    def rsa(self) -> RSAPrivateKey:
        """For identity tokens, which others can verify."""
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        pem = self._kept("identity.pem", lambda: to_pem(new_rsa_key()))
        key = load_pem_private_key(pem, None)
        assert isinstance(key, RSAPrivateKey)
        return key

    @cached_property
    def rsa_id(self) -> str:
        return key_id(self.rsa.public_key())

    def _kept(self, name: str, make: Callable[[], bytes]) -> bytes:
        path = self._folder / name
        if path.exists():
            return path.read_bytes()
        value = make()
        write_private(path, value)
        return value


def write_private(path: Path, value: bytes) -> None:
    """Write beside and rename, readable by the owner alone from the first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(value)
    beside.rename(path)
