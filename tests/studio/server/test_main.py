"""Studio's own process: its port, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2 as httpx
import pytest


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


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_may_be_ended_as_soon_as_it_tells_its_address(project: Path, ending: int) -> None:
    command = [sys.executable, "-m", "studio.server", str(project), "--port", "0"]
    with subprocess.Popen(
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as studio:
        assert studio.stdout is not None
        studio.stdout.readline()
        studio.send_signal(ending)
        _, said = studio.communicate(timeout=20)
        assert (studio.returncode in {0, -ending}, said) == (True, "")


def test_an_open_page_does_not_hold_up_the_end(project: Path) -> None:
    command = [sys.executable, "-m", "studio.server", str(project), "--port", "0"]
    with subprocess.Popen(
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as studio:
        assert studio.stdout is not None
        address = studio.stdout.readline().split()[1]
        url, _, token = address.partition("/?token=")
        headers = {"X-Studio-Token": token}
        with httpx.stream("GET", f"{url}/api/events", headers=headers, timeout=20) as page:
            assert "retry" in next(page.iter_lines())
            studio.send_signal(signal.SIGINT)
            _, said = studio.communicate(timeout=20)
        assert (studio.returncode in {0, -signal.SIGINT}, said) == (True, "")


def test_nothing_is_shared_without_a_password(project: Path) -> None:
    command = [sys.executable, "-m", "studio.server", str(project), "--port", "0"]
    refused = subprocess.run(
        [*command, "--host", "0.0.0.0"], capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2
    assert "--host needs --password" in refused.stderr


def test_a_shared_studio_says_that_it_is_not_encrypted(project: Path) -> None:
    command = [sys.executable, "-m", "studio.server", str(project), "--port", "0"]
    with subprocess.Popen(
        [*command, "--host", "127.0.0.2", "--password"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "BLOCKLIFT_STUDIO_PASSWORD": "correct horse"},
    ) as studio:
        assert studio.stdout is not None
        first, second = studio.stdout.readline(), studio.stdout.readline()
        assert re.search(r"http://127\.0\.0\.2:\d+/ asks for the password", first)
        assert "token" not in first
        assert "not encrypted" in second
        studio.kill()
