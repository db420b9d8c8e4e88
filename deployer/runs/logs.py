"""Which log lines belong to a run, and following them while it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from deployer.gcp.logs import Line


class ReadsLogs(Protocol):
    """What following needs of the Logging API."""

    def read(self, wanted: str, newest_first: bool = False, most: int = 1000) -> Iterator[Line]: ...


def wanted(run: str, block: str = "", severity: str = "", since: str = "") -> str:
    """A filter in Logging's query language."""
    parts = [f"labels.blocklift_run={quoted(run)}"]
    parts += [f"labels.blocklift_block={quoted(block)}"] if block else []
    parts += [f"severity>={severity}"] if severity else []
    parts += [f"timestamp>={quoted(since)}"] if since else []
    return " AND ".join(parts)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def last_lines(logs: ReadsLogs, run: str, block: str, most: int) -> list[str]:
    """The end of what one block wrote, oldest first."""
    lines = [line.message for line in logs.read(wanted(run, block), True, most)]
    return lines[::-1]


def followed(
    logs: ReadsLogs, query: str, over: Callable[[], bool], pause: Callable[[], None]
) -> Iterator[Line]:
    """Lines as they come. Once more after the run is over, since logs come late."""
    seen: set[str] = set()
    newest = ""
    ending = False
    while True:
        since = f" AND timestamp>={quoted(newest)}" if newest else ""
        for line in logs.read(query + since):
            if line.id not in seen:
                seen.add(line.id)
                newest = line.time or newest
                yield line
        if ending:
            return
        ending = over()
        pause()
