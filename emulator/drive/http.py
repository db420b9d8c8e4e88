"""A call of the language ⇄ what goes over the wire; no socket in sight.

Workflows: "Make an HTTP request", "Access HTTP response data saved in a variable".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from emulator.workflows.effects import HttpCall

Value = Any
USER_AGENT = "GoogleCloudWorkflows; (+https://cloud.google.com/workflows/docs)"
_BIG_NUMBER = re.compile(rb"\d{19}")
_TEXT = ("text/", "application/xml", "application/javascript", "application/x-www-form-urlencoded")
_TEXT_ENDINGS = ("+json", "+xml", "/json", "/yaml", "/x-yaml")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request ready to be sent."""

    method: str
    url: str
    """Whole, with the query."""
    host: str
    """Lower case, without a port."""
    headers: Mapping[str, str]
    body: bytes
    private_service: str = ""
    certificate: str = ""


def prepare(call: HttpCall, authorization: str | None = None) -> Prepared:
    headers = dict(call.headers)
    _sign(headers)
    if authorization:
        headers["Authorization"] = authorization
    return Prepared(
        call.method,
        with_query(call.url, call.query),
        host_of(call.url),
        headers,
        call.body or b"",
        call.private_service,
        call.certificate,
    )


def _sign(headers: dict[str, str]) -> None:
    """Workflows names itself, after what the caller says; once."""
    given = next((name for name in headers if name.lower() == "user-agent"), "User-Agent")
    named = headers.get(given, "")
    if USER_AGENT not in named:
        headers[given] = f"{named} {USER_AGENT}".lstrip()


@lru_cache(1024)
def host_of(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def with_query(url: str, query: Mapping[str, Value]) -> str:
    if not query:
        return url
    base, mark, fragment = url.partition("#")
    text = "&".join(f"{quote(str(k), safe='')}={quote(v, safe='')}" for k, v in _pairs(query))
    joint = "&" if "?" in base else "?"
    return f"{base}{joint}{text}{mark}{fragment}"


def _pairs(query: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """A list repeats its key."""
    for key, value in query.items():
        for item in value if isinstance(value, list) else [value]:
            yield key, item if isinstance(item, str) else json.dumps(item)


def decoded(code: int, headers: Iterable[tuple[str, str]], body: bytes) -> dict[str, Value]:
    """The map that `http.*` gives."""
    named: dict[str, str] = {}
    for name, value in headers:
        key = canonical(name)
        named[key] = f"{named[key]}, {value}" if key in named else value
    return {"body": content(named.get("Content-Type", ""), body), "code": code, "headers": named}


@lru_cache(512)
def canonical(name: str) -> str:
    """`content-type` → `Content-Type`."""
    return "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-"))


def content(content_type: str, body: bytes) -> Value:
    """application/json is decoded, text is a string, anything else bytes."""
    media, charset = _media(content_type)
    if media == "application/json":
        return _json(body)
    if not body:
        return ""
    if media == "" or media.startswith(_TEXT) or media.endswith(_TEXT_ENDINGS):
        return _text(body, charset)
    return body


@lru_cache(256)
def _media(content_type: str) -> tuple[str, str]:
    media, *options = content_type.split(";")
    given = (option.strip().partition("=") for option in options)
    charsets = [value.strip('"') for name, _, value in given if name.lower() == "charset"]
    return media.strip().lower(), (charsets or ["utf-8"])[0]


def _text(body: bytes, charset: str) -> str | bytes:
    try:
        return body.decode(charset)
    except (LookupError, UnicodeDecodeError):
        return body


def _json(body: bytes) -> Value:
    """Text that is not JSON after all stays text: the call did answer."""
    if not body.strip():
        return None
    try:
        if _BIG_NUMBER.search(body):
            return json.loads(body, parse_int=_integer)
        return orjson.loads(body)
    except ValueError:
        return _text(body, "utf-8")


def _integer(text: str) -> int | float:
    """Beyond 64 bits a number is a double."""
    number = int(text)
    return number if -(2**63) <= number < 2**63 else float(number)
