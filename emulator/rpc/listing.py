"""Pages, order and enums: what every list method of Google does the same way."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emulator.errors import invalid
from emulator.rpc.method import Request

Json = Any
Record = Mapping[str, Json]


def page(
    request: Request, items: Sequence[Json], key: str, *, default: int, most: int, skip: int = 0
) -> dict[str, Json]:
    """One page of `items`; the token is an offset, opaque to clients."""
    size = number(request, "pageSize") or default
    if size < 0:
        raise invalid("The page size must not be negative.")
    start = _offset(request.get("pageToken") or "") + skip
    end = start + min(size, most)
    answer: dict[str, Json] = {key: list(items[start:end])}
    if end < len(items):
        answer["nextPageToken"] = base64.urlsafe_b64encode(f"at:{end}".encode()).decode()
    return answer


def _offset(token: str) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("at:"))
    except (ValueError, binascii.Error):
        raise invalid(f"Invalid page token '{token}'.") from None


def number(request: Request, name: str) -> int:
    value = request.get(name) or 0
    try:
        return int(value)
    except (TypeError, ValueError):
        raise invalid(f"Invalid value for {name}: '{value}'.") from None


def ordered(
    items: Sequence[dict[str, Json]], order: str, fields: Mapping[str, Callable[[Record], Any]]
) -> list[dict[str, Json]]:
    """AIP-132: `startTime desc, state`. Sorting by the last field first keeps ties in order."""
    result = list(items)
    for part in reversed([part.split() for part in order.split(",") if part.strip()]):
        name, *direction = part
        if name not in fields or direction not in ([], ["asc"], ["desc"]):
            raise invalid(f"Invalid order by: '{' '.join(part)}'.")
        result.sort(key=fields[name], reverse=direction == ["desc"])
    return result


def enum(value: Json, names: Sequence[str], field: str) -> str:
    """Google's clients send enums as numbers, people as names; "" when unspecified."""
    if value in (None, "", 0, "0", names[0]):
        return ""
    if str(value).isdigit() and int(value) < len(names):
        return names[int(value)]
    if value in names:
        return str(value)
    raise invalid(f"Invalid value at '{field}': \"{value}\"")
