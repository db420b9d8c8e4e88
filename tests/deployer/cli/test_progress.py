"""A deploy while it goes on: plain lines in a pipe, bars on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from deployer.apply import Failed, Finished, Progressed, Skipped, Started
from deployer.cli.progress import Progress, line_of
from deployer.errors import CloudError
from deployer.plan import Action, Change
from deployer.resources import Kind

UPDATE = Change(Action.UPDATE, Kind.FUNCTION, "daily-load", "daily/load", "memory changed")


def test_what_is_over_is_a_line_and_what_goes_on_is_not() -> None:
    told = [
        line_of(event)
        for event in (
            Started(UPDATE),
            Progressed(UPDATE, "build"),
            Finished(UPDATE, 1.5),
            Failed(UPDATE, CloudError("x")),
            Skipped(UPDATE, "needs account/a"),
        )
    ]
    assert [line[0] if line else None for line in told] == [
        None,
        None,
        "~ function daily/load updated in 1.50 s",
        "✗ function daily/load failed",
        "· function daily/load not tried: needs account/a",
    ]


def test_a_pipe_hears_of_what_takes_long_once_per_word(capsys: pytest.CaptureFixture[str]) -> None:
    moments = iter([0.0, 1.0, 20.0, 21.0, 90.0])  # of each event but the last
    with Progress(total=1, now=lambda: next(moments)) as progress:
        progress.tell(Started(UPDATE))
        for word in ("uploading", "build: in progress", "build: in progress", "service: starting"):
            progress.tell(Progressed(UPDATE, word))
        progress.tell(Finished(UPDATE, 95.0))
    assert capsys.readouterr().out.splitlines() == [
        "… function daily/load: build: in progress (20.0 s)",
        "… function daily/load: service: starting (1 min 30 s)",
        "~ function daily/load updated in 1 min 35 s",
    ]


def test_nothing_is_said_when_a_program_listens(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(quiet=True) as progress:
        progress.tell(Started(UPDATE))
        progress.tell(Finished(UPDATE, 1.0))
    assert capsys.readouterr().out == ""


STORY = """
from deployer.apply import Finished, Progressed, Started
from deployer.cli.progress import Progress
from tests.deployer.cli.test_progress import UPDATE
with Progress(total=3) as progress:
    progress.tell(Started(UPDATE))
    progress.tell(Progressed(UPDATE, "build: installing"))
    progress.bars.refresh()
    progress.tell(Finished(UPDATE, 1.0))
"""


def test_a_terminal_shows_a_row_with_its_last_word_and_then_what_became_of_it() -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "LINES": "30"}
    process = subprocess.Popen([sys.executable, "-c", STORY], stdout=theirs, env=environment)
    os.close(theirs)
    shown = b""
    while piece := read(ours):
        shown += piece
    os.close(ours)
    assert process.wait(20) == 0
    assert "function daily/load" in shown.decode()
    assert "build: installing" in shown.decode()
    assert "updated in 1.00 s" in shown.decode()


def read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other end is closed
        return b""
