"""Signed URLs, V4 (Google: "V4 signing process with your own program", "Canonical requests").

No socket and no clock: a request as it came in, the time and who can check a signature go in;
the account in whose name it acts comes out, or the refusal that Storage gives.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, unquote

from emulator.services.storage.ask import StorageError, bad

ALGORITHM = "GOOG4-RSA-SHA256"
LONGEST = 604_800
"""Seconds: "The longest expiration value is 604800 seconds (7 days)"."""
EARLY = 900
"""Seconds that the signer's clock may be ahead."""
_MOMENT = "%Y%m%dT%H%M%SZ"
_HEX = re.compile(r"[0-9a-fA-F]+")

Checks = Callable[[str, bytes, bytes], bool]
"""(account, payload, signature) → did a key of that account sign it?"""


class SignatureError(StorageError):
    """403 with what the signature should have been made of, as Google shows it."""

    def __init__(self, canonical: str, to_sign: str) -> None:
        super().__init__(403, "SignatureDoesNotMatch", "Access denied.")
        self.told = (
            "The request signature we calculated does not match the signature you provided."
            " Check your Google secret key and signing method."
        )
        self.canonical = canonical
        self.to_sign = to_sign


class ExpiredError(StorageError):
    """The URL was good once."""

    def __init__(self, end: float) -> None:
        super().__init__(400, "ExpiredToken", "The provided token has expired.")
        moment = datetime.fromtimestamp(end, UTC).isoformat(timespec="seconds")
        self.told = f"Request signature expired at: {moment}"


@dataclass(frozen=True, slots=True)
class Signed:
    """A request whose query carries a signature."""

    method: str
    path: str
    """As it was sent, percent-encoded."""
    query: Mapping[str, str]
    headers: Mapping[bytes, bytes]

    @classmethod
    def of(cls, method: str, path: str, query: str, headers: Mapping[bytes, bytes]) -> Signed:
        return cls(method, path, dict(parse_qsl(query, keep_blank_values=True)), headers)

    def account(self, now: float, checks: Checks) -> str:
        """Whose signature it is; StorageError for one that is not good now."""
        account, scope = self._credential()
        self._check_time(now)
        canonical = self._canonical()
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = "\n".join((ALGORITHM, self.query["X-Goog-Date"], scope, digest))
        signature = self._given("X-Goog-Signature")
        if not _HEX.fullmatch(signature) or len(signature) % 2:
            raise SignatureError(canonical, to_sign)
        if not checks(account, to_sign.encode(), bytes.fromhex(signature)):
            raise SignatureError(canonical, to_sign)
        return account

    def _credential(self) -> tuple[str, str]:
        """(account, scope)"""
        if self._given("X-Goog-Algorithm") != ALGORITHM:
            raise bad(f"Only {ALGORITHM} signatures are emulated.", "InvalidArgument")
        account, _, scope = self._given("X-Goog-Credential").partition("/")
        day, _, rest = scope.partition("/")
        if not rest.endswith("/storage/goog4_request") or not self._given("X-Goog-Date").startswith(
            day
        ):
            raise bad("Invalid X-Goog-Credential: wrong scope.", "InvalidArgument")
        return account, scope

    def _check_time(self, now: float) -> None:
        try:
            start = datetime.strptime(self._given("X-Goog-Date"), _MOMENT).replace(tzinfo=UTC)
            lasts = int(self._given("X-Goog-Expires"))
        except ValueError:
            raise bad("Invalid X-Goog-Date or X-Goog-Expires.", "InvalidArgument") from None
        if not 0 < lasts <= LONGEST:
            raise bad(f"X-Goog-Expires must be between 1 and {LONGEST}.", "InvalidArgument")
        if start.timestamp() > now + EARLY:
            raise StorageError(403, "RequestTimeTooSkewed", "The signature is not good yet.")
        if now >= start.timestamp() + lasts:
            raise ExpiredError(start.timestamp() + lasts)

    def _canonical(self) -> str:
        names = self._given("X-Goog-SignedHeaders").split(";")
        if "host" not in names:
            raise bad("The host header must be signed.", "InvalidArgument")
        headers = [f"{name}:{self._header(name)}\n" for name in names]
        payload = self._header("x-goog-content-sha256") or "UNSIGNED-PAYLOAD"
        return "\n".join(
            (
                self.method,
                "/".join(quote(unquote(part), safe="~") for part in self.path.split("/")),
                self._canonical_query(),
                "".join(headers),
                ";".join(names),
                payload,
            )
        )

    def _canonical_query(self) -> str:
        pairs = (
            (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
            for name, value in self.query.items()
            if name != "X-Goog-Signature"
        )
        return "&".join(f"{name}={value}" for name, value in sorted(pairs))

    def _header(self, name: str) -> str:
        value = self.headers.get(name.encode(), b"").decode("latin-1")
        return " ".join(value.split())

    def _given(self, name: str) -> str:
        if value := self.query.get(name):
            return value
        raise bad(f"The query parameter {name} is missing.", "InvalidArgument")
