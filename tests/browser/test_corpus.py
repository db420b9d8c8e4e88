"""A real pipeline of 57 blocks, where it was fetched: opened, looked through, and run to its end.

Thirteen of them are markdown, which does not run and is not shown. Its inputs lay in somebody's
bucket; here they are partly those of its repository, partly made (`tests.browser.housing`).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from tests.browser import housing

CORPUS = Path(os.environ.get("BLOCKLIFT_CORPUS", "/nowhere"))
PROJECT = CORPUS / "BlackSound1/Canadian-housing-prices-ML-pipeline"
pytestmark = pytest.mark.skipif(
    not PROJECT.is_dir(), reason="BLOCKLIFT_CORPUS holds no Canadian-housing-prices-ML-pipeline"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / PROJECT.name


@pytest.fixture
def page(browser: Browser, root: Path) -> Iterator[Page]:
    """Studio on a copy of the project, so that nothing is written beside the original."""
    shutil.copytree(PROJECT, root, ignore=shutil.ignore_patterns(".git"))
    housing.prepare(root)
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


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_it_is_run_to_its_end(page: Page, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page.get_by_role("link", name="comp333_pipeline").click()
    told = wait_for(root / ".blocklift/emulator/emulator.json")
    housing.upload(root, json.loads(told)["url"])
    choose(page, "merge_avg_housing_prices")
    started = time.perf_counter()
    page.get_by_role("button", name="Run with upstream").click()
    expect(page.get_by_text("225 rows × 6 columns")).to_be_visible(timeout=600_000)
    deployed = time.perf_counter()
    page.get_by_role("button", name="Run pipeline").click()
    expect(page.locator(".page-head .state.succeeded")).to_be_visible(timeout=300_000)
    expect(page.locator(".gantt .bar.done")).to_have_count(44)
    ended = time.perf_counter()
    page.locator(".gantt").get_by_role("button", name="merge_all_data").click()
    expect(page.get_by_text("132 rows × 33 columns")).to_be_visible()
    page.locator(".gantt").get_by_role("button", name="predict_cleaned").click()
    expect(page.locator(".outputs")).to_contain_text("rmse_cleaned_test")
    page.get_by_role("tab", name="Logs").click()
    expect(page.get_by_label("Log")).to_contain_text("The Ridge model has an RMSE of")
    with capsys.disabled():
        first, whole = deployed - started, ended - deployed
        print(
            f"\n44 blocks: first five deployed and run in {first:.0f} s, all in {whole:.0f} s more"
        )


@pytest.mark.timeout(120)
def test_blocks_are_connected_by_dragging(page: Page, root: Path) -> None:
    """And detached again in the settings; then the pipeline is what it was."""
    page.get_by_role("link", name="comp333_pipeline").click()
    choose(page, "process_cpi")
    until_seen(page, "load_gdp", "process_cpi")
    drag(page, "[data-id=load_gdp] .source", "[data-id=process_cpi] .target")
    expect(page.locator("[data-id='load_gdp→process_cpi']")).to_have_count(1)
    assert upstream(root, "process_cpi") == ["load_cpi", "load_gdp"]
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Detach load_gdp").click()
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert upstream(root, "process_cpi") == ["load_cpi"]


def drag(page: Page, start: str, end: str) -> None:
    """Slowly enough for the graph to follow."""
    boxes = [page.locator(place).bounding_box() for place in (start, end)]
    (source, target) = [box for box in boxes if box]
    page.mouse.move(source["x"] + source["width"] / 2, source["y"] + source["height"] / 2)
    page.mouse.down()
    page.mouse.move(target["x"] + target["width"] / 2, target["y"] + target["height"] / 2, steps=12)
    page.mouse.up()


def upstream(root: Path, block: str) -> list[str]:
    metadata = yaml.safe_load((root / "pipelines/comp333_pipeline/metadata.yaml").read_text())
    [found] = [item for item in metadata["blocks"] if item["uuid"] == block]
    return list(found["upstream_blocks"])


def choose(page: Page, block: str) -> None:
    """By the palette, which brings it into view."""
    expect(page.locator(".node").first).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_label("Search pipelines, blocks and pages").fill(block)
    page.get_by_role("option", name=re.compile(rf"\b{block}$")).click()
    expect(page.get_by_label(f"Code of {block}")).to_be_visible()


def until_seen(page: Page, *blocks: str) -> None:
    """Goes further away until all of them are in the pane."""
    for _ in range(12):
        if all(in_pane(page, block) for block in blocks):
            return
        page.get_by_role("button", name="Zoom Out").click()
        page.wait_for_function("() => new Promise(requestAnimationFrame)")
    raise AssertionError(f"{blocks} are never seen together")


def in_pane(page: Page, block: str) -> bool:
    node, pane = page.locator(f"[data-id={block}]"), page.locator(".react-flow__pane")
    if not node.count():
        return False
    inner, outer = node.bounding_box(), pane.bounding_box()
    assert inner
    assert outer
    right, below = outer["x"] + outer["width"], outer["y"] + outer["height"]
    return (
        outer["x"] <= inner["x"]
        and outer["y"] <= inner["y"]
        and inner["x"] + inner["width"] <= right
        and inner["y"] + inner["height"] <= below
    )


def wait_for(place: Path) -> str:
    """The local cloud is started by the first question to it."""
    end = time.monotonic() + 60
    while not place.is_file():
        assert time.monotonic() < end, "the local cloud did not start"
        time.sleep(0.1)
    return place.read_text()
