"""Whatever happens to the emulator, none of its processes is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__)
EMULATOR = """
import sys
sys.path[:0] = [{root!r}, {here!r}]
import asyncio, pathlib
import conftest

SOURCE = 'import os\\ndef hello(r):\\n    return f"{{os.getpid()}} {{os.getppid()}}"\\n'

async def main():
    async with conftest.open_place(pathlib.Path({data!r})) as place:
        service = await place.deploy("hello", SOURCE)
        print((await place.call(service)).body.decode(), flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat").read_text() if Path(f"/proc/{pid}").exists() else ") Z"
    return stat.rpartition(")")[2].split()[0] == "Z"


def test_kill_9_of_the_emulator_ends_zygote_and_functions(tmp_path: Path) -> None:
    code = EMULATOR.format(
        root=str(HERE.parents[3]), here=str(HERE.parent), data=str(tmp_path / "data")
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as emulator:
        assert emulator.stdout is not None
        pids = [int(pid) for pid in emulator.stdout.readline().split()]
        assert len(pids) == 2
        emulator.send_signal(signal.SIGKILL)
        emulator.communicate()
    deadline = time.monotonic() + 10
    while not all(is_gone(pid) for pid in pids):
        assert time.monotonic() < deadline, "something was left behind"
        time.sleep(0.01)
