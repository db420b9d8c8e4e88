"""`stop`: end the emulator of a data folder, and wait until it is gone."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from emulator.commands.start import DEFAULT_DATA
from emulator.presence import running

PATIENCE = 10
"""Seconds: more than it gives itself (`emulator.serve.DEADLINE`)."""


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="emulator stop", description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    data = parser.parse_args(argv).data.resolve()
    told = running(data)
    if not told:
        sys.stdout.write(f"no emulator runs on {data}\n")
        return 0
    os.kill(told["pid"], signal.SIGTERM)
    if _gone(data, time.monotonic() + PATIENCE):
        sys.stdout.write(f"stopped {told['url']}\n")
        return 0
    os.kill(told["pid"], signal.SIGKILL)
    sys.stderr.write(f"killed pid {told['pid']}: it did not stop within {PATIENCE} s\n")
    return 1


def _gone(data: Path, deadline: float) -> bool:
    while time.monotonic() < deadline:
        if running(data) is None:
            return True
        time.sleep(0.02)
    return False
