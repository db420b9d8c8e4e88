"""Bytes of a stream become log entries."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.host.lines import MAX_LINE, Lines


def entries(*parts: bytes) -> list[dict[str, Any]]:
    lines = Lines()
    return [entry for part in parts for entry in lines.feed(part)] + list(lines.close())


def test_lines_may_come_in_pieces() -> None:
    assert entries(b"a\nb", b"c\n", b"\n", b"end") == [
        {"textPayload": "a"},
        {"textPayload": "bc"},
        {"textPayload": "end"},
    ]


def test_a_json_line_is_structured() -> None:
    line = {
        "severity": "warn",
        "message": "m",
        "time": "2026-01-31T12:00:00.5Z",
        "logging.googleapis.com/labels": {"run": 1},
        "logging.googleapis.com/trace": "projects/p/traces/t",
        "rows": 3,
    }
    assert entries(json.dumps(line).encode() + b"\n") == [
        {
            "severity": "WARNING",
            "timestamp": "2026-01-31T12:00:00.5Z",
            "labels": {"run": "1"},
            "trace": "projects/p/traces/t",
            "jsonPayload": {"message": "m", "rows": 3},
        }
    ]


def test_a_message_alone_is_text() -> None:
    assert entries(b'{"message": "m", "severity": "ERROR"}\n') == [
        {"severity": "ERROR", "textPayload": "m"}
    ]


@pytest.mark.parametrize("line", ["{not json}", "[1]", '"text"', "{", '{"a": 1} tail'])
def test_what_is_no_json_object_is_text(line: str) -> None:
    assert entries(f"{line}\n".encode()) == [{"textPayload": line}]


def test_a_severity_that_does_not_exist_is_left_out() -> None:
    assert entries(b'{"severity": "LOUD", "message": "m"}\n') == [{"textPayload": "m"}]


def test_a_traceback_is_one_entry() -> None:
    try:
        raise KeyError("missing")
    except KeyError:
        import traceback

        text = traceback.format_exc()
    [before, error, after] = entries(b"before\n", text.encode(), b"after\n")
    assert (before["textPayload"], after["textPayload"]) == ("before", "after")
    assert error["severity"] == "ERROR"
    assert error["textPayload"].endswith("KeyError: 'missing'")


def test_endless_lines_are_cut() -> None:
    cut = entries(b"x" * (MAX_LINE + 10) + b"\n")
    assert len(cut[0]["textPayload"]) == MAX_LINE


def test_bytes_that_are_no_text_do_no_harm() -> None:
    assert entries(b"\xff\xfe\n") == [{"textPayload": "��"}]
