"""`snapshot save|load|list|delete NAME`: keep a copy of all that an emulator holds, or go back.

A running one is stopped for it and started again at the same address; what was under way goes on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from emulator import snapshots
from emulator.commands import start, stop
from emulator.commands.start import DEFAULT_DATA
from emulator.presence import AlreadyRunningError, Presence, running
from emulator.snapshots import SnapshotError

VERBS: dict[str, Callable[[Path, str], None]] = {
    "save": snapshots.save,
    "load": snapshots.load,
    "delete": snapshots.delete,
}


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="emulator snapshot", description=__doc__)
    parser.add_argument("verb", choices=("save", "load", "list", "delete"))
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    options = parser.parse_args(argv)
    data = options.data.resolve()
    if options.verb == "list":
        sys.stdout.write("".join(f"{name}\n" for name in snapshots.names(data)))
        return 0
    try:
        return _done(data, options.verb, options.name)
    except (SnapshotError, AlreadyRunningError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1


def _done(data: Path, verb: str, name: str) -> int:
    if not data.is_dir():
        raise SnapshotError(f"there is no data at {data}")
    snapshots.check(data, verb, name)
    with _standing_still(data):
        VERBS[verb](data, name)
    sys.stdout.write(f"{verb} {name}: done\n")
    return 0


@contextmanager
def _standing_still(data: Path) -> Iterator[None]:
    """Nobody changes the folder in the meantime, and who ran on it runs again afterwards."""
    told = running(data)
    if told is not None:
        if not told.get("options") or "--ephemeral" in told["options"]:
            raise SnapshotError("an ephemeral emulator keeps nothing")
        stop.main(["--data", str(data)])
    presence = Presence(data)
    try:
        yield
    finally:
        presence.leave()
        if told is not None:
            start.main([*told["options"], "--detach"])
