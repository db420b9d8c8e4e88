"""The password of a Studio that other machines may open: scrypt, a log-in page, a rate limit.

Only the hash is kept in memory. Guesses are counted per address and in all: after a few wrong
ones the next is not even looked at for a while.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

SHORTEST = 8
COST = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}
FREE_GUESSES = 5
IN_ALL = 50
"""Wrong guesses from all addresses together, so that many addresses gain nothing."""
FORGET = 900.0
"""Seconds after which a wrong guess counts no more."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """A password that can be compared and not read."""

    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, password: str) -> Hashed:
        salt = secrets.token_bytes(16)
        return cls(salt, stretched(password, salt))

    def matches(self, guess: str) -> bool:
        return hmac.compare_digest(self.digest, stretched(guess, self.salt))


def stretched(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, **COST)


@dataclass(slots=True)
class Guesses:
    """Wrong guesses of late, by address."""

    now: Callable[[], float] = time.monotonic
    _wrong: dict[str, list[float]] = field(default_factory=dict)

    def too_many(self, address: str) -> bool:
        self._forget()
        mine = len(self._wrong.get(address, ()))
        return mine >= FREE_GUESSES or sum(map(len, self._wrong.values())) >= IN_ALL

    def wrong(self, address: str) -> None:
        self._wrong.setdefault(address, []).append(self.now())

    def right(self, address: str) -> None:
        """A right one: what was counted against this address is forgiven."""
        self._wrong.pop(address, None)

    def _forget(self) -> None:
        since = self.now() - FORGET
        kept = {a: [t for t in times if t > since] for a, times in self._wrong.items()}
        self._wrong = {address: times for address, times in kept.items() if times}


def page(message: str = "") -> str:
    """The log-in page: no script, so the policy of every other page holds for it too."""
    said = f'<p role="alert">{escape(message)}</p>' if message else ""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Blocklift Studio</title>'
        '<meta name="viewport" content="width=device-width">'
        "<style>:root{color-scheme:light dark;font:15px system-ui}body{display:grid;"
        "place-items:center;min-height:90vh}form{display:grid;gap:12px;width:280px}"
        "input,button{font:inherit;padding:8px}</style>"
        '<form method="post" action="/login"><h1>Blocklift Studio</h1>'
        f'<label>Password <input name="password" type="password" autofocus required></label>{said}'
        "<button>Open</button></form></html>"
    )
