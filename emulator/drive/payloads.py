"""What `events.await_callback` gives (Workflows: "Wait using callbacks")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.clock import rfc3339
from emulator.drive.http import canonical, content

Value = Any


def payload(
    method: str,
    path: str,
    query: Mapping[str, str],
    headers: Iterable[tuple[str, str]],
    body: bytes,
    now: float,
) -> dict[str, Value]:
    """Without the caller's token: a workflow has no business with it."""
    named = {canonical(k): v for k, v in headers if k.lower() != "authorization"}
    return {
        "http_request": {
            "body": content(named.get("Content-Type", ""), body) if body else None,
            "headers": named,
            "method": method,
            "query": dict(query),
            "url": path,
        },
        "received_time": rfc3339(now),
        "type": "HTTP",
    }
