"""What a function prints becomes log entries, by Cloud Run's rules.

Cloud Run: "Logging and viewing logs". A line that is a JSON object is structured: some of
its fields are the entry's own. A traceback, many lines long, is one entry of severity ERROR.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

MAX_LINE = 256 * 1024
"""Cloud Logging: "Quotas and limits", size of a LogEntry."""
TRACEBACK = "Traceback (most recent call last):"
SEVERITIES = frozenset(
    ("DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY")
)
ALIASES = {"WARN": "WARNING", "FATAL": "CRITICAL", "TRACE": "DEBUG"}
GOOGLE = "logging.googleapis.com/"
OWN_FIELDS = {
    f"{GOOGLE}insertId": "insertId",
    f"{GOOGLE}operation": "operation",
    f"{GOOGLE}sourceLocation": "sourceLocation",
    f"{GOOGLE}spanId": "spanId",
    f"{GOOGLE}trace": "trace",
    f"{GOOGLE}trace_sampled": "traceSampled",
    "httpRequest": "httpRequest",
}


class Lines:
    """Bytes of one stream → entries (without resource and log name)."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._traceback: list[str] = []

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        self._rest += data
        *whole, last = self._rest.split(b"\n")
        self._rest = last
        for line in whole:
            yield from self._line(line)
        if len(self._rest) > MAX_LINE:
            yield from self._line(bytes(self._rest[:MAX_LINE]))
            self._rest = bytearray()

    def close(self) -> Iterator[dict[str, Any]]:
        """The stream ended: give out what has no end of line."""
        if self._rest:
            yield from self._line(self._rest)
        yield from self._end_traceback()

    def _line(self, line: bytes | bytearray) -> Iterator[dict[str, Any]]:
        text = line[:MAX_LINE].decode("utf-8", errors="replace").rstrip("\r")
        if self._traceback:
            self._traceback.append(text)
            if text and not text.startswith((" ", "\t")) and not self._continues(text):
                yield from self._end_traceback()
        elif text == TRACEBACK:
            self._traceback.append(text)
        elif text:
            yield entry_of(text)

    def _continues(self, text: str) -> bool:
        return text == TRACEBACK or text.startswith(("During handling of", "The above exception"))

    def _end_traceback(self) -> Iterator[dict[str, Any]]:
        if self._traceback:
            text = "\n".join(self._traceback).rstrip()
            self._traceback = []
            yield {"textPayload": text, "severity": "ERROR"}


def entry_of(line: str) -> dict[str, Any]:
    if line.startswith("{") and line.rstrip().endswith("}"):
        try:
            return structured(orjson.loads(line))
        except orjson.JSONDecodeError:
            pass
    return {"textPayload": line}


def structured(record: dict[str, Any]) -> dict[str, Any]:
    """Logging agent: "Special fields in structured payloads"."""
    entry: dict[str, Any] = {}
    for field, name in OWN_FIELDS.items():
        if field in record:
            entry[name] = record.pop(field)
    if isinstance(labels := record.get(f"{GOOGLE}labels"), Mapping):
        del record[f"{GOOGLE}labels"]
        entry["labels"] = {str(key): str(value) for key, value in labels.items()}
    if severity := severity_of(record.pop("severity", None)):
        entry["severity"] = severity
    if timestamp := time_of(record):
        entry["timestamp"] = timestamp
    only_text = set(record) == {"message"} and isinstance(record["message"], str)
    return {
        **entry,
        **({"textPayload": record["message"]} if only_text else {"jsonPayload": record}),
    }


def severity_of(value: Any) -> str | None:
    name = str(value).upper() if value is not None else ""
    name = ALIASES.get(name, name)
    return name if name in SEVERITIES else None


def time_of(record: dict[str, Any]) -> str | None:
    for key in ("time", "timestamp"):
        value = record.get(key)
        if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$", value):
            return str(record.pop(key))
    return None
