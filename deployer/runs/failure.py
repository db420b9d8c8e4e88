"""Why a run failed, in the words of the block that failed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from runtime.contract import BlockFailure

Json = Any
MARKS = frozenset({"block", "kind", "message"})
"""Keys by which a block's own report is known, wherever Workflows has wrapped it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a person must see first."""

    message: str
    block: str = ""
    type: str = ""
    file: str = ""
    line: int = 0
    traceback: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file

    def __str__(self) -> str:
        what = f"{self.type}: {self.message}" if self.type else self.message
        return f"{self.block}: {what}" if self.block else what


def failure_of(error: Mapping[str, Json], steps: Mapping[str, str]) -> Failure:
    """`error` is an Execution's (payload, context, stackTrace); `steps` tells step → block."""
    payload = decoded(error.get("payload"))
    for report in reports(payload):
        return from_report(BlockFailure.from_json(report))
    message = message_of(payload) or str(error.get("context") or "the run did not succeed")
    return Failure(message, block=block_of(error, steps))


def from_report(report: BlockFailure) -> Failure:
    return Failure(
        report.message,
        report.block,
        report.type,
        report.file,
        report.line,
        tuple(report.traceback),
    )


def reports(value: Json) -> Iterator[Mapping[str, Json]]:
    """Every block's report inside an error value, however deep branches have nested it."""
    if isinstance(value, str):
        inner = decoded(value)
        if not isinstance(inner, str):
            yield from reports(inner)
    elif isinstance(value, list):
        for item in value:
            yield from reports(item)
    elif isinstance(value, dict):
        if value.keys() >= MARKS:
            yield value
            return
        for item in value.values():
            yield from reports(item)


def decoded(value: Json) -> Json:
    """JSON inside a string, as Workflows carries payloads; else the value itself."""
    if not isinstance(value, str) or value.lstrip()[:1] not in {"{", "[", '"'}:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def message_of(payload: Json) -> str:
    """An HTTP error's answer says more than that there was one."""
    if isinstance(payload, str):
        return payload
    if not isinstance(payload, dict):
        return json.dumps(payload) if payload else ""
    message = str(payload.get("message") or "")
    body = payload.get("body")
    if isinstance(body, str) and body.strip():
        return f"{message}: {body.strip()[:500]}" if message else body.strip()[:500]
    return message or json.dumps(payload)[:500]


def block_of(error: Mapping[str, Json], steps: Mapping[str, str]) -> str:
    """The innermost step of the stack trace that is a block's."""
    trace = (error.get("stackTrace") or {}).get("elements") or ()
    for element in trace:
        if block := steps.get(element.get("step", "")):
            return block
    return ""
