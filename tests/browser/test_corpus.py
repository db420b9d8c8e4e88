"""A real pipeline of 57 blocks, where it was fetched: opened and looked through.

Thirteen of them are markdown, which does not run and is not shown.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

CORPUS = Path(os.environ.get("BLOCKLIFT_CORPUS", "/nowhere"))
PROJECT = CORPUS / "BlackSound1/Canadian-housing-prices-ML-pipeline"
pytestmark = pytest.mark.skipif(
    not PROJECT.is_dir(), reason="BLOCKLIFT_CORPUS holds no Canadian-housing-prices-ML-pipeline"
)


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """Studio on a copy of the project, so that nothing is written beside the original."""
    root = tmp_path / PROJECT.name
    shutil.copytree(PROJECT, root)
    command = [sys.executable, "-m", "studio.server", str(root), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as studio:
        assert studio.stdout is not None
        found = re.search(r"http://\S+", studio.stdout.readline())
        assert found
        tab = browser.new_page(viewport={"width": 1400, "height": 900})
        tab.set_default_timeout(30_000)
        tab.goto(found[0])
        yield tab
        tab.close()
        studio.terminate()
        studio.wait(20)
    stop = [sys.executable, "-m", "emulator", "stop"]
    subprocess.run([*stop, "--data", str(root / ".blocklift/emulator")], check=False)


@pytest.mark.timeout(120)
def test_the_large_pipeline_opens(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    rows = page.get_by_role("row")
    expect(rows.nth(1)).to_be_visible()
    most = max(rows.all()[1:], key=lambda row: int(row.get_by_role("cell").nth(1).inner_text()))
    blocks = int(most.get_by_role("cell").nth(1).inner_text())
    page.wait_for_load_state("networkidle")
    started = time.perf_counter()
    most.get_by_role("link").first.click()
    expect(page.locator(".node").first).to_be_visible()
    seconds = time.perf_counter() - started
    page.get_by_role("button", name="Fit View").click()
    expect(page.locator(".node, .overview").first).to_be_visible()
    page.locator(".node").first.click()
    expect(page.locator(".cm-content").first).to_be_visible()
    with capsys.disabled():
        print(f"\n{PROJECT.name}: {blocks} blocks shown after {seconds:.2f} s")
    assert blocks == 44
