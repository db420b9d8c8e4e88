"""Studio's own process: its port, and how it ends."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path


def test_a_taken_port_is_told_and_another_one_used(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        command = [sys.executable, "-m", "studio.server", str(project), "--port", str(taken)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as studio:
            assert studio.stdout is not None
            assert studio.stdout.readline() == f"Port {taken} is taken; Studio uses another one.\n"
            assert re.search(r"http://127\.0\.0\.1:\d+/\?token=", studio.stdout.readline())
            studio.send_signal(signal.SIGINT)
            assert studio.wait(20) in {0, -signal.SIGINT}
