"""Studio in a real browser, over a real local cloud.

Chromium comes from the system (`make test` installs Debian's package where it may). Without
one these tests are skipped with a word, but never in CI.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=20_000)  # other work may hold the machine meanwhile
METADATA = "project_type: standalone\n"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM or os.environ.get("CI"):
        return
    skip = pytest.mark.skip(reason="no chromium on this machine: apt-get install chromium")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(skip)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ends with the module: while it lives, a loop runs in this thread and no other test's can."""
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty Mage project."""
    root = tmp_path_factory.mktemp("browser") / "studio_project"
    (root / "pipelines").mkdir(parents=True)
    (root / "metadata.yaml").write_text(METADATA)
    (root / "io_config.yaml").write_text("version: 0.1.1\ndefault: {}\n")
    return root


@pytest.fixture(scope="session")
def address(project: Path) -> Iterator[str]:
    """Studio's start-up address; the local cloud behind it starts by itself."""
    command = [sys.executable, "-m", "studio.server", str(project), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as studio:
        assert studio.stdout is not None
        line = studio.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, f"Studio did not start: {line}"
        yield found[0]
        studio.terminate()
        studio.wait(20)
    stop = [sys.executable, "-m", "emulator", "stop"]
    subprocess.run([*stop, "--data", str(project / ".blocklift/emulator")], check=False)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A fresh tab that opened the start-up address; a script error fails the test."""
    tab = browser.new_page(viewport={"width": 1400, "height": 900})
    tab.set_default_timeout(30_000)
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(address)
    yield tab
    tab.close()
    assert not errors, errors
