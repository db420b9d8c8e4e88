"""Which emulator runs on a data folder: a lock that dies with it, and a file that says where.

`emulator.json` may outlive a killed process; the lock cannot, so the lock decides.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class AlreadyRunningError(Exception):
    """Another process holds this data folder."""


class Presence:
    """The claim of one process on one data folder."""

    def __init__(self, data: Path) -> None:
        self._file = data / "emulator.json"
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = os.open(data / "emulator.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:  # a POSIX lock: forked functions do not inherit it
            fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise AlreadyRunningError(str(data)) from None

    def announce(
        self, url: str, grpc: str, project_id: str = "", options: Sequence[str] = ()
    ) -> None:
        """Say where to find it; written beside and renamed, so that nobody reads half of it."""
        beside = self._file.with_suffix(".new")
        told = {
            "pid": os.getpid(),
            "url": url,
            "grpc": grpc,
            "project_id": project_id,
            "started": time.time(),
            "options": list(options),
        }
        beside.write_text(json.dumps(told))
        beside.rename(self._file)

    def leave(self) -> None:
        self._file.unlink(missing_ok=True)
        os.close(self._lock)


def running(data: Path) -> dict[str, Any] | None:
    """What the emulator of this folder announced, if it is alive."""
    try:
        lock = os.open(data / "emulator.lock", os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return _announced(data / "emulator.json")
    else:
        return None
    finally:
        os.close(lock)


def _announced(file: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(file.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return told
