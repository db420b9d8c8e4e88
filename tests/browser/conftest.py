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
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

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


@pytest.fixture(scope="module")
def window(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """Its tab keeps what was loaded once."""
    with opened(browser, address) as made:
        yield made


@contextmanager
def opened(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A window that has the session's cookie."""
    made = browser.new_context(viewport={"width": 1400, "height": 900})
    made.set_default_timeout(30_000)
    made.request.get(address)
    yield made
    made.close()


@pytest.fixture(scope="module")
def tab(window: BrowserContext) -> Page:
    """One for a module, since opening one takes seconds."""
    return window.new_page()


@pytest.fixture
def start() -> str:
    """The page that a test begins on."""
    return "/pipelines"


@pytest.fixture
def page(tab: Page, address: str, start: str) -> Iterator[Page]:
    """The module's tab, opened anew; a script error fails the test."""
    errors: list[str] = []

    def note(error: Error) -> None:
        errors.append(str(error))

    tab.on("pageerror", note)
    fresh(tab, address, start)
    yield tab
    tab.remove_listener("pageerror", note)
    assert not errors, errors


def fresh(tab: Page, address: str, path: str) -> None:
    """Nothing that an earlier test typed is left."""
    if tab.url.startswith("http"):
        tab.evaluate("sessionStorage.clear()")
    tab.goto(address.partition("/?")[0] + path)
