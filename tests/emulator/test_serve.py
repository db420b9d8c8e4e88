"""The end of a served emulator: soon, whatever still goes on in it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import asyncio, sys, time
from pathlib import Path
from emulator.cloud import Service, Settings
from emulator.serve import Server, listen

async def waits():
    await asyncio.sleep(3600)

async def computes():
    while True:
        pass

listening = listen("127.0.0.1", 0)
settings = Settings(data=Path(sys.argv[1]), port=listening.getsockname()[1])
server = Server(settings, listening, deadline=0.5)
ends = {"waits": waits, "computes": computes}
server.app.services.append(Service("busy", [], stop=ends[sys.argv[2]]))
server.run(lambda: print("ready", flush=True))
"""


@pytest.mark.parametrize("how", ["waits", "computes"])
def test_a_busy_emulator_ends_at_its_deadline(tmp_path: Path, how: str) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "data"), how]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert process.stdout and process.stdout.readline() == "ready\n"
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 0
        assert time.monotonic() - began < 15
        assert "without waiting" in errors
    finally:
        process.kill()
        process.communicate()
