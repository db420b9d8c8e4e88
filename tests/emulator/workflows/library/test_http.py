"""Requests as they go out: encoded by Workflows' rules (Workflows: Make an HTTP request)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.workflows.effects import HttpCall
from emulator.workflows.library.http import USER_AGENT
from emulator.workflows.parse import parse
from tests.emulator.workflows.playing import play


def sent(function: str = "http.post", **arguments: Any) -> HttpCall:
    source = json.dumps([{"a": {"call": function, "args": {"url": "http://x/p?q=1", **arguments}}}])
    asked: list[Any] = []
    play(parse(source), None, lambda _: {"code": 200}, asked=asked)
    (request,) = asked
    assert isinstance(request.effect, HttpCall)
    return request.effect


JSON = "application/json; charset=utf-8"
BODIES: list[tuple[Any, dict[str, str] | None, bytes | None, str | None]] = [
    ({"b": [1, 2.5], "a": None}, None, b'{"a":null,"b":[1,2.5]}', JSON),
    ("text", None, b'"text"', JSON),
    ("é", None, '"é"'.encode(), JSON),
    (5, None, b"5", JSON),
    ('${text.encode("raw")}', None, b"raw", "application/octet-stream"),
    (None, None, None, None),
    ({"a": 1}, {"content-type": "application/vnd.x+json"}, b'{"a":1}', "application/vnd.x+json"),
    ("a=1&b=2", {"Content-Type": "application/x-www-form-urlencoded"}, b"a=1&b=2",
     "application/x-www-form-urlencoded"),
    ("hello", {"Content-Type": "text/plain"}, b"hello", "text/plain"),
    ('${text.encode("raw")}', {"Content-Type": "image/png"}, b"raw", "image/png"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "headers", "encoded", "kind"), BODIES)
def test_a_body(body: Any, headers: Any, encoded: bytes | None, kind: str | None) -> None:
    call = sent(body=body, headers=headers)
    assert call.body == encoded
    found = {name.lower(): value for name, value in call.headers.items()}
    assert found.get("content-type") == kind


def test_the_service_names_itself() -> None:
    assert sent().headers == {"User-Agent": USER_AGENT}
    assert sent(headers={"user-agent": "mine"}).headers == {"user-agent": f"mine {USER_AGENT}"}


def test_queries_stay_values() -> None:
    query = {"s": "a b", "n": 1, "d": 1.5, "b": True, "l": [1, "x"]}
    assert sent("http.get", query=query).query == query


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"type": "OIDC"}, {"type": "OIDC", "audience": "http://x/p?q=1"}),
        ({"type": "OIDC", "audience": "http://x"}, {"type": "OIDC", "audience": "http://x"}),
        (
            {"type": "OAuth2"},
            {"type": "OAuth2", "scopes": ["https://www.googleapis.com/auth/cloud-platform"]},
        ),
        ({"type": "OAuth2", "scope": "a,b c"}, {"type": "OAuth2", "scopes": ["a", "b", "c"]}),
        ({"type": "OAuth2", "scopes": ["a", "b"]}, {"type": "OAuth2", "scopes": ["a", "b"]}),
    ],
)
def test_identity(given: Any, taken: Any) -> None:
    assert sent("http.get", auth=given).auth == taken


def test_timeouts() -> None:
    assert sent("http.get").timeout == 300
    assert sent("http.get", timeout=1800).timeout == 1800
