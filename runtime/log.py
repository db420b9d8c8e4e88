"""One JSON line per record on stdout, labelled with project, pipeline, run and block.

While a block runs, what it prints (from any thread), what it logs and what it says through
`kwargs['logger']` become such lines; Cloud Logging reads them as entries (Google: Structured
logging). What C libraries and subprocesses write to the descriptor itself stays plain text.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from threading import Lock, get_ident
from typing import Any, TextIO

from runtime.contract import BlockRequest, BlockSpec
from runtime.record import record

LONGEST = 200_000
"""Characters of one message; Cloud Logging refuses entries over 256 KB."""
SEVERITIES = frozenset({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"})


@record
class Call:
    """The labels of everything that one call of a block says, and where it is written."""

    labels: Mapping[str, str]
    out: TextIO
    trace: str = ""
    """projects/<project id>/traces/<trace id>"""
    span: str = ""
    traceparent: str = ""
    """Of the block's own span, where runs are traced: for what it starts."""

    @classmethod
    def of(cls, spec: BlockSpec, request: BlockRequest, trace: str = "", span: str = "") -> Call:
        labels = {
            "blocklift_project": spec.project,
            "blocklift_pipeline": spec.pipeline,
            "blocklift_run": request.run,
            "blocklift_block": spec.block,
        }
        if request.index:
            labels["blocklift_index"] = "/".join(map(str, request.index))
        return cls(labels, _plain(sys.stdout), trace, span)

    def write(self, severity: str, message: str, fields: Mapping[str, Any] | None = None) -> None:
        record: dict[str, Any] = {
            "severity": severity,
            "message": message[:LONGEST],
            "time": datetime.now(UTC).isoformat(),
            "logging.googleapis.com/labels": self.labels,
        }
        if self.trace:
            record["logging.googleapis.com/trace"] = self.trace
        if self.span:
            record["logging.googleapis.com/spanId"] = self.span
        for key, value in (fields or {}).items():
            record.setdefault(key, value)
        line = json.dumps(record, default=str, ensure_ascii=False) + "\n"
        with _writing:
            self.out.write(line)
            self.out.flush()


_writing = Lock()
_call: ContextVar[Call | None] = ContextVar("call", default=None)
_running: list[Call] = []


def current() -> Call | None:
    """The call that this thread works for; a block's own thread belongs to the last begun."""
    return _call.get() or (_running[-1] if _running else None)


@contextmanager
def capturing(call: Call) -> Iterator[None]:
    """Everything said in here carries the call's labels."""
    token = _call.set(call)
    with _writing:
        _running.append(call)
        if len(_running) == 1:
            _install()
    try:
        yield
    finally:
        _finish_lines()
        _call.reset(token)
        with _writing:
            _running.remove(call)
            if not _running:
                _uninstall()


class Lines(io.TextIOBase):
    """Stands in for stdout or stderr: whole lines become records of the current call."""

    def __init__(self, below: TextIO) -> None:
        self.below = below
        self._begun: dict[int, str] = {}

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a property of the stream below
        return "utf-8"

    @property
    def buffer(self) -> Any:
        return self.below.buffer

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.below.fileno()

    def write(self, text: str) -> int:
        call = current()
        if call is None:
            return self.below.write(text)
        lines = (self._begun.pop(get_ident(), "") + text).split("\n")
        if lines[-1]:
            self._begun[get_ident()] = lines[-1]
        for line in lines[:-1]:
            if shown := line.rpartition("\r")[2].rstrip():
                call.write("INFO", shown)
        return len(text)

    def flush(self) -> None:
        if current() is None:
            self.below.flush()

    def finish(self) -> None:
        """Write what this thread began without ending its line."""
        if get_ident() in self._begun:
            self.write("\n")


def _plain(stream: TextIO) -> TextIO:
    return stream.below if isinstance(stream, Lines) else stream


def _finish_lines() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, Lines):
            stream.finish()


def _install() -> None:
    sys.stdout, sys.stderr = Lines(sys.stdout), Lines(sys.stderr)
    _handle_logging(install=True)


def _uninstall() -> None:
    sys.stdout, sys.stderr = _plain(sys.stdout), _plain(sys.stderr)
    _handle_logging(install=False)


_handler: list[Any] = []


def _handle_logging(*, install: bool) -> None:
    import logging

    if not _handler:

        class Handler(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                if call := current():
                    severity = record.levelname if record.levelname in SEVERITIES else "INFO"
                    call.write(severity, self.format(record), {"logger": record.name})

        _handler.append(Handler())
    root = logging.getLogger()
    (root.addHandler if install else root.removeHandler)(_handler[0])


class Logger:
    """`kwargs['logger']`: extra keyword arguments become fields of the record."""

    def debug(self, message: object, *args: object, **fields: Any) -> None:
        _log("DEBUG", message, args, fields)

    def info(self, message: object, *args: object, **fields: Any) -> None:
        _log("INFO", message, args, fields)

    def warning(self, message: object, *args: object, **fields: Any) -> None:
        _log("WARNING", message, args, fields)

    warn = warning

    def error(self, message: object, *args: object, **fields: Any) -> None:
        _log("ERROR", message, args, fields)

    def critical(self, message: object, *args: object, **fields: Any) -> None:
        _log("CRITICAL", message, args, fields)

    def exception(self, message: object, *args: object, **fields: Any) -> None:
        import traceback

        _log("ERROR", message, args, {"exception": traceback.format_exc(), **fields})


def _log(severity: str, message: object, args: tuple[object, ...], fields: dict[str, Any]) -> None:
    text = str(message) % args if args else str(message)
    if call := current():
        call.write(severity, text, fields)
    else:
        print(text)
