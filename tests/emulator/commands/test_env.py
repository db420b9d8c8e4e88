"""`env`: all of it, however soon after a start it is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "emulator", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False
    )


def test_right_after_a_start_the_proxy_is_told_too(tmp_path: Path) -> None:
    data = f"--data={tmp_path / 'data'}"
    try:
        assert run("start", "--detach", data, "--port=0", "--grpc-port=0").returncode == 0
        asked = run("env", data)
    finally:
        run("stop", data)
    assert (asked.returncode, asked.stderr) == (0, "")
    names = {line.removeprefix("export ").partition("=")[0] for line in asked.stdout.splitlines()}
    assert {"API_ENDPOINT_OVERRIDE", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE"} <= names


def test_without_an_emulator_it_says_so(tmp_path: Path) -> None:
    asked = run("env", f"--data={tmp_path}")
    assert asked.returncode == 1
    assert "emulator start" in asked.stderr
