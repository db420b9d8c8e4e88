"""Who calls: tokens that this emulator gave out, and the accounts that they stand for.

Access tokens are opaque to clients: the account and an expiry under this emulator's MAC, so
none is stored. Identity tokens are RS256 JWTs, as a function's caller sends them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import orjson

from emulator import jwt
from emulator.cloud import OWNER, Clock, Principal
from emulator.errors import ApiError
from emulator.keys import Keys, from_public_pem
from emulator.store import Store

LIFETIME = 3600
"""Seconds that Google's tokens live."""
FRESH = 1800
"""Seconds left under which a cached identity token is no longer handed out again."""
ISSUER = "https://accounts.google.com"
PREFIX = "ya29."
REMEMBERED = 10_000
_DEFAULT_ACCOUNTS = ("@developer.gserviceaccount.com", "@appspot.gserviceaccount.com")


class Tokens:
    """The `Identity` of a cloud."""

    def __init__(self, keys: Keys, clock: Clock, store: Store) -> None:
        self._keys = keys
        self._clock = clock
        self._store = store
        self._given: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
        self._identities: dict[str, dict[str, Any]] = {}
        self._accesses: dict[str, dict[str, Any]] = {}
        self._assertions: dict[str, dict[str, Any]] = {}

    # -- giving out -------------------------------------------------------------------------

    def access_token(self, account: str) -> str:
        claims = {"sub": account, "exp": int(self._clock.now()) + LIFETIME}
        text = jwt.encode(orjson.dumps(claims))
        return f"{PREFIX}{text}.{self._mac(text)}"

    def id_token(self, account: str, audience: str) -> str:
        cached = self._given.get((account, audience))
        if cached and cached[1]["exp"] - self._clock.now() > FRESH:
            return cached[0]
        claims = self._claims(account, audience)
        token = jwt.sign(claims, self._keys.rsa, self._keys.rsa_id)
        self._given[account, audience] = (token, claims)
        _remember(self._identities, token, claims)
        return token

    def _claims(self, account: str, audience: str) -> dict[str, Any]:
        now = int(self._clock.now())
        subject = unique_id(account)
        return {
            "iss": ISSUER,
            "aud": audience,
            "azp": subject,
            "sub": subject,
            "email": account,
            "email_verified": True,
            "iat": now,
            "exp": now + LIFETIME,
        }

    def _mac(self, text: str) -> str:
        return jwt.encode(hmac.digest(self._keys.secret, text.encode(), hashlib.sha256)[:18])

    # -- recognising ------------------------------------------------------------------------

    def caller(self, authorization: str | None) -> Principal:
        if not authorization:
            return OWNER
        token = _bearer(authorization)
        account = self._of_access_token(token) or self._of_signed_jwt(token)
        if account is None:
            raise _unauthenticated()
        return Principal(account)

    def bearer_of_id_token(self, authorization: str | None, audience: str) -> Principal | None:
        if not authorization:
            return None
        claims = self._of_id_token(_bearer(authorization))
        if claims is None or claims.get("aud") != audience:
            return None
        return Principal(claims["email"])

    def _of_access_token(self, token: str) -> str | None:
        claims = self._accesses.get(token) or self._authentic(token)
        if claims is None:
            return None
        return str(claims["sub"]) if claims["exp"] > self._clock.now() else None

    def _authentic(self, token: str) -> dict[str, Any] | None:
        """What an access token says, if its MAC is ours."""
        text, dot, mac = token.removeprefix(PREFIX).partition(".")
        if not token.startswith(PREFIX) or not dot:
            return None
        if not hmac.compare_digest(mac, self._mac(text)):
            return None
        claims: dict[str, Any] = orjson.loads(jwt.decode(text))
        _remember(self._accesses, token, claims)
        return claims

    def _of_id_token(self, token: str) -> dict[str, Any] | None:
        claims = self._identities.get(token)
        if claims is None:
            try:
                claims = jwt.verify(token, self._keys.rsa.public_key())
            except jwt.BadTokenError:
                return None
            _remember(self._identities, token, claims)
        return claims if claims["exp"] > self._clock.now() else None

    def _of_signed_jwt(self, token: str) -> str | None:
        """A service account's own JWT in the place of an access token (Google: "Service
        account authorization without OAuth"); also the assertion of a token request.
        """
        claims = self._assertions.get(token) or self._verified(token)
        if claims is None or claims.get("exp", 0) <= self._clock.now():
            return None
        account: str | None = claims.get("iss")
        return account

    def _verified(self, token: str) -> dict[str, Any] | None:
        try:
            header, _ = jwt.peek(token)
            pem = self._store.get("service-account-key", str(header.get("kid")))
            if pem is None:
                return None
            claims = jwt.verify(token, from_public_pem(pem["publicKey"].encode()))
        except jwt.BadTokenError:
            return None
        if claims.get("iss") != pem["account"]:
            return None
        _remember(self._assertions, token, claims)
        return claims

    def of_assertion(self, assertion: str) -> tuple[str, Mapping[str, Any]]:
        """Account and claims of a signed assertion, or UNAUTHENTICATED."""
        account = self._of_signed_jwt(assertion)
        if account is None:
            raise _unauthenticated()
        return account, jwt.peek(assertion)[1]

    def describe(self, token: str) -> dict[str, Any] | None:
        """What a token of either kind says, if it is one of ours and still good."""
        if account := self._of_access_token(token):
            return {"email": account, "email_verified": "true", "sub": unique_id(account)}
        return self._of_id_token(token)

    def signed(self, claims: Mapping[str, Any]) -> tuple[str, str]:
        """(key id, JWT) of claims that a caller wants signed."""
        return self._keys.rsa_id, jwt.sign(claims, self._keys.rsa, self._keys.rsa_id)

    def signed_bytes(self, payload: bytes) -> tuple[str, bytes]:
        """(key id, signature)"""
        return self._keys.rsa_id, jwt.signature(payload, self._keys.rsa)

    def signed_by(self, account: str, payload: bytes, signature: bytes) -> bool:
        """By one of the account's own keys, or by the one that signs in its name here."""
        kept = (k for _, k in self._store.list("service-account-key") if k["account"] == account)
        keys = [from_public_pem(key["publicKey"].encode()) for key in kept]
        if self._exists(account):
            keys.append(self._keys.rsa.public_key())
        return any(jwt.is_signature(payload, signature, key) for key in keys)

    def _exists(self, account: str) -> bool:
        if account.endswith(_DEFAULT_ACCOUNTS):
            return True
        ends = f"/serviceAccounts/{account}"
        return any(name.endswith(ends) for name, _ in self._store.list("service-account"))

    def certificates(self) -> dict[str, Any]:
        """The public key as a JSON Web Key Set."""
        numbers = self._keys.rsa.public_key().public_numbers()
        key = {
            "kty": "RSA",
            "alg": "RS256",
            "use": "sig",
            "kid": self._keys.rsa_id,
            "n": jwt.encode(numbers.n.to_bytes(256)),
            "e": jwt.encode(numbers.e.to_bytes(3)),
        }
        return {"keys": [key]}


def unique_id(account: str) -> str:
    """Twenty-one digits that stand for an account, the same on every machine."""
    digest = int.from_bytes(hashlib.sha256(account.encode()).digest()[:8])
    return str(10**20 + digest % 9 * 10**19 + digest % 10**19)


def _remember(cache: dict[str, dict[str, Any]], token: str, claims: dict[str, Any]) -> None:
    if len(cache) >= REMEMBERED:
        cache.clear()
    cache[token] = claims


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _unauthenticated() -> ApiError:
    return ApiError(
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
        "cookie or other valid authentication credential. See "
        "https://developers.google.com/identity/sign-in/web/devconsole-project.",
    )
