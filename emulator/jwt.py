"""JSON Web Tokens signed with RS256, the only kind that Google's identity uses."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey


class BadTokenError(ValueError):
    """Not a token, not signed by that key, or changed on the way."""


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise BadTokenError(str(error)) from None


def signature(payload: bytes, key: RSAPrivateKey) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    return key.sign(payload, PKCS1v15(), SHA256())


def sign(claims: Mapping[str, Any], key: RSAPrivateKey, key_id: str) -> str:
    header = {"alg": "RS256", "kid": key_id, "typ": "JWT"}
    text = f"{encode(orjson.dumps(header))}.{encode(orjson.dumps(claims))}"
    return f"{text}.{encode(signature(text.encode(), key))}"


def peek(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, believed by nobody before `verify`."""
    try:
        header, claims = (orjson.loads(decode(part)) for part in token.split(".")[:2])
    except (ValueError, orjson.JSONDecodeError):
        raise BadTokenError("not a JWT") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise BadTokenError("not a JWT")
    return header, claims


def verify(token: str, key: RSAPublicKey) -> dict[str, Any]:
    """The claims, once the signature is right; times and audience are the caller's to judge."""
    text, _, signature = token.rpartition(".")
    header, claims = peek(token)
    if header.get("alg") != "RS256":
        raise BadTokenError("only RS256 is accepted")
    if not is_signature(text.encode(), decode(signature), key):
        raise BadTokenError("wrong signature")
    return claims


def is_signature(payload: bytes, signature: bytes, key: RSAPublicKey) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        key.verify(signature, payload, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
