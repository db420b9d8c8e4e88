"""A made pipeline of 500 blocks: opened in less than a second, panned, zoomed, looked at from afar.

The best of three openings is judged, since other work may hold the machine meanwhile.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

BLOCKS, WIDTH = 500, 10
LOADER = "@data_loader\ndef load(*args, **kwargs):\n    return 1\n"


def made(project: Path) -> None:
    """Fifty layers of ten blocks, each after the same two of the layer above."""
    lines = ["blocks:"]
    for number in range(BLOCKS):
        layer, place = divmod(number, WIDTH)
        above = {(layer - 1) * WIDTH + place, (layer - 1) * WIDTH + (place + 1) % WIDTH}
        upstream = ", ".join(f"b{n}" for n in sorted(above)) if layer else ""
        kind = "transformer" if layer else "data_loader"
        lines.append(
            f"- {{uuid: b{number}, name: b{number}, type: {kind}, language: python,"
            f" upstream_blocks: [{upstream}], downstream_blocks: []}}"
        )
        code = LOADER if not layer else LOADER.replace("data_loader", "transformer")
        file = project / f"{kind}s" / f"b{number}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(code)
    folder = project / "pipelines/large"
    folder.mkdir(parents=True)
    text = "\n".join([*lines, "name: large", "type: python", "uuid: large", ""])
    (folder / "metadata.yaml").write_text(text)


@pytest.fixture
def large(project: Path) -> Iterator[None]:
    """Taken away again: whatever is run next would deploy all of it first."""
    made(project)
    yield
    shutil.rmtree(project / "pipelines/large")


ZOOM = """async () => {
  const pane = document.querySelector('.react-flow__pane');
  const box = pane.getBoundingClientRect();
  let count = 0, stop = false;
  const tick = () => { count++; if (!stop) requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
  const start = performance.now();
  for (let turn = 0; turn < 60; turn++) {
    pane.dispatchEvent(new WheelEvent('wheel', {bubbles: true, cancelable: true,
      deltaY: turn < 30 ? 40 : -40, clientX: box.x + box.width / 2,
      clientY: box.y + box.height / 2}));
    await new Promise(done => setTimeout(done, 16));
  }
  stop = true;
  return count / ((performance.now() - start) / 1000);
}"""


def opened(page: Page) -> float:
    """Seconds from the click on the list to the first block of the graph."""
    page.get_by_role("navigation").get_by_role("link", name="Pipelines").click()
    link = page.get_by_role("link", name="large")
    expect(link).to_be_visible()
    started = time.perf_counter()
    link.click()
    expect(page.locator(".node").first).to_be_visible()
    return time.perf_counter() - started


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("large")
def test_five_hundred_blocks_open_and_move(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    page.wait_for_load_state("networkidle")
    times = [opened(page) for _ in range(3)]
    frames = page.evaluate(ZOOM)
    pane = page.locator(".react-flow__pane").bounding_box()
    assert pane is not None
    before = page.locator(".react-flow__viewport").get_attribute("style")
    page.mouse.move(pane["x"] + 20, pane["y"] + 20)
    page.mouse.down()
    page.mouse.move(pane["x"] + 200, pane["y"] + 160, steps=12)
    page.mouse.up()
    assert page.locator(".react-flow__viewport").get_attribute("style") != before
    with capsys.disabled():
        shown = ", ".join(f"{seconds:.2f}" for seconds in times)
        print(f"\n500 blocks: shown after {shown} s, {frames:.0f} frames/s while zooming")
    assert min(times) < 1


@pytest.mark.usefixtures("large")
def test_a_block_is_chosen_from_afar(page: Page) -> None:
    """What is drawn as one picture still answers to a click."""
    opened(page)
    page.get_by_role("button", name="Fit View").click()
    expect(page.locator(".node").first).to_be_visible()
    for _ in range(2):
        page.get_by_role("button", name="Zoom Out").click()
    expect(page.locator(".node")).to_have_count(0)
    expect(page.locator(".overview .transformer")).to_have_count(1)
    box = page.locator(".overview .data_loader").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 4, box["y"] + box["height"] / 2)
    expect(page.get_by_text("data_loaders/b")).to_be_visible()
    expect(page.locator(".overview .chosen")).to_have_count(1)


@pytest.mark.usefixtures("large")
def test_what_is_chosen_elsewhere_is_brought_into_view(page: Page) -> None:
    """By the palette, twice in the same pipeline; Fit View stays readable."""
    expect(page.get_by_role("link", name="large")).to_be_visible()
    for block in ("b487", "b311"):
        page.keyboard.press("Control+k")
        page.get_by_label("Search pipelines, blocks and pages").fill(block)
        expect(page.get_by_role("option").first).to_contain_text(block)
        page.keyboard.press("Enter")
        expect(page.locator(f"[data-id={block}] .selected")).to_be_in_viewport()
        expect(page.get_by_label(f"Code of {block}")).to_be_visible()
    page.get_by_role("button", name="Fit View").click()
    node = page.locator("[data-id=b4]")
    expect(node).to_be_in_viewport()
    box = node.bounding_box()
    assert box is not None
    assert box["width"] >= 0.39 * 208
