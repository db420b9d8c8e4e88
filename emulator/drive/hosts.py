"""Hosts that are something else here: a URL of a stand-in, or an answer out of a file.

```yaml
api.example.com: http://127.0.0.1:8000          # same path and query, another server
https://pay.example.com/v2/: http://127.0.0.1:8001/fake/
status.example.com: {code: 200, body: {ok: true}}
weather.example.com: {code: 503, headers: {Retry-After: "1"}, body: busy}
googleapis.translate.v2.translations.translate: {body: {data: {translations: []}}}
projects/p/locations/l/namespaces/n/services/s: http://127.0.0.1:8002   # private_service_name
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from emulator.drive.http import Prepared, host_of

Value = Any
Canned = tuple[int, Sequence[tuple[str, str]], bytes]


class HostsError(Exception):
    """A mistake in the file of hosts; its author mends it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one line of the file says."""

    prefix: str
    """A host, the beginning of URLs or of a connector's name, or a private service."""
    url: str = ""
    canned: Canned | None = None

    def matches(self, url: str) -> bool:
        return url.startswith(self.prefix) if "://" in self.prefix else host_of(url) == self.prefix

    def redirected(self, request: Prepared) -> Prepared:
        """The same request to the stand-in; the Host header still names the one that was meant."""
        tail = request.url[len(self.prefix) :] if "://" in self.prefix else _tail(request.url)
        url = f"{self.url.rstrip('/')}/{tail.lstrip('/')}" if tail else self.url
        return replace(request, url=url, headers={"Host": request.host, **request.headers})


class Hosts:
    """The rules; the longest prefix that fits wins."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self._rules = sorted(rules, key=lambda rule: -len(rule.prefix))

    def rule(self, url: str, private_service: str = "") -> Rule | None:
        """By the name of the private service, if one is meant; else by the URL."""
        if not self._rules:
            return None
        named = (rule for rule in self._rules if rule.prefix == private_service)
        fitting = (rule for rule in self._rules if rule.matches(url))
        return next(named, None) or next(fitting, None)

    def connector(self, method: str) -> Canned | None:
        """An answer for a connector method, by its name or the beginning of it."""
        named = (rule for rule in self._rules if f"{method}.".startswith(f"{rule.prefix}."))
        return next((rule.canned for rule in named), None)

    @classmethod
    def read(cls, file: Path) -> Hosts:
        import yaml

        try:
            found = yaml.safe_load(file.read_text()) or {}
        except OSError as error:
            message = f"{file}: {error.strerror}"
            raise HostsError(message) from None
        except (UnicodeDecodeError, yaml.YAMLError) as error:
            message = f"{file}: {error}"
            raise HostsError(message) from None
        if not isinstance(found, dict):
            message = f"{file}: expected a map of hosts"
            raise HostsError(message)
        return cls([_rule(file, str(prefix), value) for prefix, value in found.items()])


def _rule(file: Path, prefix: str, value: Value) -> Rule:
    if isinstance(value, str) and "://" in value:
        return Rule(prefix, url=value)
    if isinstance(value, Mapping) and set(value) <= {"code", "headers", "body"}:
        return Rule(prefix, canned=_canned(value))
    message = f"{file}: {prefix}: expected a URL, or a map of code, headers and body"
    raise HostsError(message)


def _canned(value: Mapping[str, Value]) -> Canned:
    body = value.get("body")
    headers = {str(k): str(v) for k, v in (value.get("headers") or {}).items()}
    if isinstance(body, str):
        data, kind = body.encode(), "text/plain; charset=utf-8"
    else:
        data, kind = orjson.dumps(body), "application/json"
    return int(value.get("code", 200)), list({"Content-Type": kind, **headers}.items()), data


def _tail(url: str) -> str:
    """Path and query."""
    return url.split("://", 1)[-1].partition("/")[2]
