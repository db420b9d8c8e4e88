"""One real emulator process for all tests of this folder that want a cloud."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its URL."""
    data = tmp_path_factory.mktemp("emulator")
    log = (data / "log").open("wb")
    command = [sys.executable, "-m", "emulator", "start", "--any-port", "--data", str(data)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT)
    try:
        assert process.stdout
        line = process.stdout.readline()
        found = re.search(r"http://[\d.:]+", line)
        assert found, f"{line}\n{(data / 'log').read_text()}"
        yield found[0]
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
        log.close()
