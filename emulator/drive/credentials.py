"""Tokens of workflows' service accounts, made once and used until they near their end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from emulator.cloud import Clock
from emulator.workflows.effects import HttpCall

Value = Any
LIFETIME = 1800.0
"""Half of what Google's tokens live: one in use never runs out on its way."""
KEPT = 1024


class Mint(Protocol):
    """The part of `Identity` that makes tokens."""

    def access_token(self, account: str) -> str: ...

    def id_token(self, account: str, audience: str) -> str: ...


class Credentials:
    """Authorization headers for calls that ask for OIDC or OAuth2."""

    def __init__(self, identity: Mint, clock: Clock) -> None:
        self._identity = identity
        self._clock = clock
        self._kept: dict[tuple[str, str], tuple[float, str]] = {}

    def authorization(self, account: str, call: HttpCall) -> str | None:
        """For the `auth` of a call; the audience is the url when none is named."""
        if call.auth is None:
            return None
        if str(call.auth.get("type", "")).upper() == "OIDC":
            return f"Bearer {self._id_token(account, audience(call.url, call.auth))}"
        return f"Bearer {self.access_token(account)}"

    def access_token(self, account: str) -> str:
        return self._keep((account, ""), lambda: self._identity.access_token(account))

    def _id_token(self, account: str, audience: str) -> str:
        return self._keep((account, audience), lambda: self._identity.id_token(account, audience))

    def _keep(self, key: tuple[str, str], make: Callable[[], str]) -> str:
        now = self._clock.now()
        made, token = self._kept.get(key, (-LIFETIME, ""))
        if not made <= now < made + LIFETIME:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            token = make()
            self._kept[key] = (now, token)
        return token


def audience(url: str, auth: Mapping[str, Value]) -> str:
    return str(auth.get("audience") or url)
