"""Two tabs, an editor beside, a slow line: no work is lost, and no button does its work twice."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Route, expect

from tests.browser.conftest import fresh, opened

PIPELINE = """blocks:
- {uuid: first, name: first, type: custom, language: python, upstream_blocks: [], downstream_blocks: []}
- {uuid: second, name: second, type: custom, language: python, upstream_blocks: [], downstream_blocks: []}
- {uuid: third, name: third, type: custom, language: python, upstream_blocks: [], downstream_blocks: []}
name: shared
type: python
uuid: shared
variables: {limit: 1}
"""  # noqa: E501 (one block, one line)
BLOCKS = ("first", "second", "third")
CODE = "@custom\ndef run(*args):\n    return 1\n"


@pytest.fixture
def shared(window: BrowserContext, project: Path, address: str) -> Path:
    """A pipeline that several hands work on, as it is before they do."""
    place = project / "pipelines/shared/metadata.yaml"
    place.parent.mkdir(exist_ok=True)
    place.write_text(PIPELINE)
    (project / "custom").mkdir(exist_ok=True)
    for name in BLOCKS:
        (project / f"custom/{name}.py").write_text(CODE)
    asked = address.partition("/?")[0] + "/api/pipelines/shared"
    until(lambda: is_fresh(window.request.get(asked)))
    return project


def is_fresh(answer: APIResponse) -> bool:
    """Studio has seen that the files are as they were."""
    if not answer.ok:
        return False
    told = answer.json()
    blocks = {block["id"]: (block["code"], block["upstream"]) for block in told["blocks"]}
    return blocks == dict.fromkeys(BLOCKS, (CODE, [])) and told["variables"] == {"limit": 1}


@pytest.fixture
def start(shared: Path) -> str:
    assert shared
    return "/pipelines/shared"


@pytest.fixture(scope="module")
def other(browser: Browser, address: str) -> Iterator[Page]:
    """In a window of its own: of two tabs in one, the hidden one is slowed down."""
    with opened(browser, address) as made:
        yield made.new_page()


@pytest.fixture
def beside(other: Page, address: str, start: str) -> Page:
    """Another tab with the same pipeline."""
    fresh(other, address, start)
    return other


def typed(page: Page, block: str, text: str) -> None:
    page.locator(".node", has_text=block).click()
    page.get_by_label(f"Code of {block}").click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(text)
    expect(page.locator(".head-row").get_by_text("not saved")).to_be_visible()


@contextmanager
def held(page: Page, method: str, part: str, lost: bool = False) -> Iterator[Callable[[], int]]:
    """Requests wait on a slow line until the end, and are counted; or they get `lost` then."""
    waiting: list[Route] = []
    held_up = True

    def hold(route: Route) -> None:
        if held_up and route.request.method == method:
            waiting.append(route)
        else:
            route.continue_()

    page.route(f"**{part}", hold)
    yield lambda: len(waiting)
    held_up = False
    for route in waiting:
        route.abort() if lost else route.continue_()
    page.unroute(f"**{part}")


def test_unsaved_code_survives_other_blocks_pages_and_a_reload(page: Page, shared: Path) -> None:
    typed(page, "first", "# mine\n")
    page.locator(".node", has_text="second").click()
    expect(page.get_by_label("Code of second")).to_be_visible()
    page.get_by_role("tab", name="Charts").click()
    page.get_by_role("navigation").get_by_role("link", name="Runs", exact=True).click()
    page.get_by_role("navigation").get_by_role("link", name="Pipelines").click()
    page.get_by_role("link", name="shared", exact=True).click()
    page.once("dialog", lambda question: question.accept())
    page.reload()
    page.get_by_role("button", name="1 block not saved").click()
    expect(page.get_by_label("Code of first")).to_contain_text("# mine")
    assert "# mine" not in (shared / "custom/first.py").read_text()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("not saved")).to_have_count(0)
    assert (shared / "custom/first.py").read_text() == f"{CODE}# mine\n"


def test_what_is_typed_while_a_save_is_on_its_way_stays(page: Page, shared: Path) -> None:
    """And a second save waits for the first instead of quarrelling with it."""
    typed(page, "first", "# one\n")
    with held(page, "PUT", "/api/files/**") as sent:
        page.keyboard.press("Control+s")
        expect_soon(page, lambda: sent() == 1)
        page.keyboard.insert_text("# two\n")
        page.keyboard.press("Control+s")
        page.keyboard.press("Control+s")
        assert sent() == 1
    expect(page.get_by_text("not saved")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert (shared / "custom/first.py").read_text() == f"{CODE}# one\n# two\n"


def test_both_tabs_keep_their_code(page: Page, beside: Page, shared: Path) -> None:
    """The tab without work of its own follows; the one with some is shown the difference."""
    typed(beside, "first", "# theirs\n")
    typed(page, "second", "# mine\n")
    beside.keyboard.press("Control+s")
    page.locator(".node", has_text="first").click()
    expect(page.get_by_label("Code of first")).to_contain_text("# theirs")
    typed(page, "first", "# mine\n")
    beside.keyboard.insert_text("# theirs again\n")
    beside.keyboard.press("Control+s")
    expect(beside.get_by_text("not saved")).to_have_count(0)
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog", name="The file changed")
    expect(dialog).to_contain_text("# theirs again")
    dialog.get_by_role("button", name="Decide later").click()
    expect(page.get_by_label("Code of first")).to_contain_text("# mine")
    assert (shared / "custom/first.py").read_text() == f"{CODE}# theirs\n# theirs again\n"
    expect(page.get_by_role("button", name="2 blocks not saved")).to_be_visible()


def test_variables_changed_elsewhere_are_not_overwritten(
    page: Page, beside: Page, shared: Path
) -> None:
    for tab, value in ((page, 2), (beside, 3)):
        tab.get_by_role("tab", name="Variables").click()
        tab.get_by_label("Variables (JSON)").fill(json.dumps({"limit": value}))
    beside.get_by_role("button", name="Save", exact=True).click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text('"limit": 3')
    expect(page.get_by_label("Variables (JSON)")).to_have_value('{"limit": 2}')
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    told.get_by_role("button", name="Keep mine").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved").last).to_be_visible()
    assert "limit: 2" in (shared / "pipelines/shared/metadata.yaml").read_text()


def test_buttons_are_heard_once_on_a_slow_line(page: Page, shared: Path) -> None:
    dialog = page.get_by_role("dialog")
    with held(page, "POST", "/api/pipelines/shared/blocks") as sent:
        page.get_by_role("button", name="Add block").click()
        dialog.get_by_label("Name").fill("fourth")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        expect(dialog.get_by_role("button", name="Adding…")).to_be_disabled()
        page.keyboard.press("Enter")
        expect_soon(page, lambda: sent() > 0)
        assert sent() == 1
    expect(page.locator(".node")).to_have_count(4)
    with held(page, "POST", "/api/pipelines/shared/run", lost=True) as sent:
        page.get_by_role("button", name="Run pipeline").dblclick()
        expect(page.get_by_role("button", name="Starting…")).to_be_disabled()
        expect_soon(page, lambda: sent() > 0)
        assert sent() == 1
    expect(page.get_by_role("button", name="Run pipeline")).to_be_enabled()
    assert "uuid: fourth" in (shared / "pipelines/shared/metadata.yaml").read_text()


def test_two_hands_on_one_connection(page: Page, address: str, shared: Path) -> None:
    """What another tab connected while this one had not heard of it stays connected."""
    page.locator(".node", has_text="third").click()
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Add an upstream block").select_option("first")
    elsewhere(address, "/api/pipelines/shared/blocks/third", {"upstream": ["second"]})
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("Somebody changed upstream meanwhile")).to_be_visible()
    assert "upstream_blocks: [second]" in (shared / "pipelines/shared/metadata.yaml").read_text()


def test_a_server_that_is_silent_is_said_to_be(page: Page, shared: Path) -> None:
    """The code stays, and can be saved when the line is back."""
    typed(page, "first", "# offline\n")
    page.context.set_offline(True)
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Studio's server does not answer.").first).to_be_visible()
    expect(page.get_by_label("Code of first")).to_contain_text("# offline")
    page.context.set_offline(False)
    page.keyboard.press("Control+s")
    expect(page.get_by_text("not saved")).to_have_count(0)
    assert "# offline" in (shared / "custom/first.py").read_text()


def elsewhere(address: str, path: str, body: dict[str, object]) -> None:
    """A change as another tab makes it."""
    base, _, token = address.partition("/?token=")
    headers = {"X-Studio-Token": token, "Content-Type": "application/json"}
    request = Request(base + path, json.dumps(body).encode(), headers, method="PATCH")
    urlopen(request, timeout=20).close()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def expect_soon(page: Page, holds: Callable[[], bool]) -> None:
    """Lets the page's events happen until it holds."""
    for _ in range(800):
        if holds():
            return
        page.wait_for_timeout(25)
    raise AssertionError("it did not come to pass")
