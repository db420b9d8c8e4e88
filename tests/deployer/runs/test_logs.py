"""Filters and following of logs."""

from __future__ import annotations

from collections.abc import Iterator

from deployer.gcp.logs import Line
from deployer.runs.logs import followed, last_lines, wanted


class Log:
    """Gives one more line at each reading, and every line twice at the seam."""

    def __init__(self, *lines: Line) -> None:
        self.lines = lines
        self.asked: list[str] = []

    def read(self, query: str, newest_first: bool = False, most: int = 1000) -> Iterator[Line]:
        self.asked.append(query)
        seen = self.lines[: len(self.asked)]
        yield from reversed(seen) if newest_first else seen


def line(number: int) -> Line:
    return Line(f"2026-01-01T00:00:0{number}Z", "INFO", f"line {number}", id=str(number))


def test_a_filter_names_run_block_and_severity() -> None:
    assert wanted("r1", 'a"b', "ERROR") == (
        'labels.blocklift_run="r1" AND labels.blocklift_block="a\\"b" AND severity>=ERROR'
    )


def test_following_shows_each_line_once_and_reads_once_more_after_the_end() -> None:
    log = Log(line(1), line(2), line(3))
    states = iter([False, True])
    shown = followed(log, "q", lambda: next(states), lambda: None)
    assert [found.message for found in shown] == ["line 1", "line 2", "line 3"]
    assert log.asked[1] == 'q AND timestamp>="2026-01-01T00:00:01Z"'


def test_the_last_lines_are_told_oldest_first() -> None:
    log = Log(line(1), line(2))
    log.asked.append("")
    assert last_lines(log, "r1", "load", 2) == ["line 1", "line 2"]
