"""Which emulator runs on a folder: the lock decides, whatever the file says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from emulator.presence import AlreadyRunningError, Presence, running

HOLD = """
import sys
from pathlib import Path
from emulator.presence import Presence
presence = Presence(Path(sys.argv[1]))
presence.announce("http://127.0.0.1:1", "127.0.0.1:2")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path):
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        yield child
        child.kill()


def test_a_held_folder_is_refused_and_found(holder, tmp_path: Path) -> None:
    told = running(tmp_path)
    assert told is not None
    assert (told["pid"], told["url"]) == (holder.pid, "http://127.0.0.1:1")
    with pytest.raises(AlreadyRunningError):
        Presence(tmp_path)


def test_a_killed_holder_leaves_a_file_that_nobody_believes(holder, tmp_path: Path) -> None:
    holder.kill()
    holder.wait()
    assert json.loads((tmp_path / "emulator.json").read_text())["pid"] == holder.pid
    assert running(tmp_path) is None
    Presence(tmp_path).leave()


def test_nobody_was_ever_there(tmp_path: Path) -> None:
    assert running(tmp_path / "no-such-folder") is None


def test_leaving_takes_the_file_away(tmp_path: Path) -> None:
    presence = Presence(tmp_path)
    presence.announce("u", "g")
    presence.leave()
    assert not (tmp_path / "emulator.json").exists()
    assert running(tmp_path) is None
