"""Helpers for times."""

from __future__ import annotations

from datetime import UTC, datetime


def compare(a: datetime, b: datetime) -> int:
    """-1, 0 or 1; a time without zone is UTC."""
    first, second = (m if m.tzinfo else m.replace(tzinfo=UTC) for m in (a, b))
    return (first > second) - (first < second)


def str_to_timedelta(text: str) -> float:
    """Seconds of `90s`, `5m`, `2h`, `1d`."""
    return float(text[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[text[-1]]
