"""Seen and reached by everybody: text that stands out from its ground, pages without a mouse."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.reading import assert_legible

PAGES = ("Pipelines", "Runs", "Deploy", "Triggers", "Secrets", "Local cloud")
PIPELINE = """blocks:
- {uuid: quick, name: quick, type: custom, language: python, upstream_blocks: [], downstream_blocks: []}
- uuid: long
  name: long
  type: transformer
  language: python
  executor_type: gcp_cloud_run
  upstream_blocks: [quick]
  downstream_blocks: []
name: seen
type: python
uuid: seen
"""  # noqa: E501 (one block, one line)
CODE = '''import json


@custom
def run(*args):
    """Answers."""
    return len(json.dumps('text')) or 1  # enough
'''
RING = """() => {
  const shown = document.activeElement.closest('.code') ?? document.activeElement;
  const {outlineStyle, outlineWidth} = getComputedStyle(shown);
  return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1;
}"""


@pytest.fixture
def seen(project: Path) -> Iterator[Path]:
    """A pipeline of two blocks, the second one a job; taken away again."""
    place = project / "pipelines/seen/metadata.yaml"
    place.parent.mkdir(exist_ok=True)
    place.write_text(PIPELINE)
    for folder, name in (("custom", "quick"), ("transformers", "long")):
        (project / folder).mkdir(exist_ok=True)
        (project / folder / f"{name}.py").write_text(CODE.replace("custom", folder.rstrip("s")))
    yield project
    for made in ("seen", "keys"):
        shutil.rmtree(project / "pipelines" / made, ignore_errors=True)


@pytest.fixture
def start(seen: Path) -> str:
    assert seen
    return "/pipelines/seen"


def reach(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """With the keyboard alone; each thing on the way shows that it has the focus."""
    for _ in range(60):
        page.keyboard.press(key)
        if wanted.evaluate("element => element === document.activeElement"):
            assert page.evaluate(RING), f"{wanted} does not show that it has the focus"
            return
    raise AssertionError(f"{wanted} cannot be reached with {key}")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def test_every_page_can_be_read(page: Page) -> None:
    expect(page.locator(".cm-content")).to_be_visible()
    assert_legible(page)
    button(page, "Settings").click()
    assert_legible(page)
    button(page, "Add block").click()
    expect(page.get_by_label("Template")).to_be_visible()
    assert_legible(page)
    page.keyboard.press("Escape")
    for name in PAGES:
        page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        assert_legible(page)
    page.keyboard.press("Control+k")
    page.get_by_label("Search pipelines, blocks and pages").fill("se")
    expect(page.get_by_role("option").first).to_be_visible()
    assert_legible(page)


def test_a_pipeline_is_made_with_the_keyboard_alone(page: Page, project: Path) -> None:
    skip = page.get_by_role("link", name="Skip to the page")
    expect(skip).to_be_attached()
    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    reach(page, page.get_by_role("navigation").get_by_role("link", name="Pipelines"))
    page.keyboard.press("Enter")
    reach(page, button(page, "New pipeline"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button(page, "New pipeline")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.insert_text("Keys")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    reach(page, button(page, "Add block"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.insert_text("typed")
    page.keyboard.press("Enter")
    reach(page, page.locator("[data-id=typed]"))
    page.keyboard.press("Enter")
    reach(page, page.get_by_label("Code of typed"))
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text("# by keys\n")
    page.keyboard.press("Escape")
    reach(page, button(page, "Save"), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("not saved")).to_have_count(0)
    assert (project / "data_loaders/typed.py").read_text().startswith("# by keys\n")
    reach(page, page.get_by_role("tab", name="Block"), "Shift+Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Charts")).to_be_focused()
    expect(page.get_by_role("tab", name="Charts")).to_have_attribute("aria-selected", "true")


def test_unsaved_settings_survive_another_block_and_a_reload(page: Page, seen: Path) -> None:
    button(page, "Settings").click()
    page.get_by_label("Timeout, seconds").fill("77")
    page.locator(".node", has_text="long").click()
    expect(page.get_by_label("Code of long")).to_be_visible()
    expect(page.get_by_label("Timeout, seconds")).to_have_count(0)
    page.once("dialog", lambda question: question.accept())
    page.reload()
    button(page, "1 block not saved").click()
    expect(page.get_by_label("Timeout, seconds")).to_have_value("77")
    button(page, "Save settings").click()
    expect(page.get_by_text("not saved")).to_have_count(0)
    assert "timeout: 77" in (seen / "pipelines/seen/metadata.yaml").read_text()


def test_a_block_that_becomes_a_job_says_so(page: Page) -> None:
    expect(page.get_by_label("Code of quick")).to_be_visible()
    expect(page.get_by_text("Cloud Run job")).to_have_count(0)
    page.locator(".node", has_text="long").click()
    expect(page.get_by_text("Cloud Run job")).to_be_visible()


def test_an_event_trigger_is_made(page: Page, seen: Path) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Triggers").click()
    button(page, "New trigger").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("arrivals")
    dialog.get_by_label("Pipeline").select_option("seen")
    dialog.get_by_label("Started by").select_option("event")
    matchers = dialog.get_by_label("Events to wait for (JSON)")
    made = matchers.input_value()
    matchers.fill("[{")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    matchers.fill(made.replace("my-bucket", "landing"))
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="Object Created in landing")).to_be_visible()
    assert "schedule_type: event" in (seen / "pipelines/seen/triggers.yaml").read_text()


def test_the_theme_changes_under_an_open_editor(page: Page) -> None:
    """What was typed stays, as does the cursor, and all of it can be read in both."""
    page.emulate_media(color_scheme="light")
    page.get_by_label("Code of quick").click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("# one")
    keyword = page.locator(".cm-line", has_text="import json").locator("span").first
    before = keyword.evaluate("element => getComputedStyle(element).color")
    page.emulate_media(color_scheme="dark")
    expect(keyword).not_to_have_css("color", before)
    page.keyboard.insert_text(" two")
    expect(page.get_by_label("Code of quick")).to_contain_text("# one two")
    assert_legible(page)
