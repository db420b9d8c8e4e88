"""A pipeline's life in the browser, from nothing to a run that was mended and retried."""

from __future__ import annotations

import json
import re
import socket
import time
from pathlib import Path
from typing import BinaryIO

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reading import assert_legible

LOADER = """import pandas as pd


@data_loader
def load(*args, **kwargs):
    print('loading <img src=x onerror=alert(1)>')
    return pd.DataFrame({'trip': range(2500), 'fare': [i / 2 for i in range(2500)]})
"""
WRONG = """@transformer
def transform(data, *args, **kwargs):
    return data[data['fare'] > 100]


@test
def test_output(output, *args):
    assert len(output) == 2500, 'rows were lost'
"""
RIGHT = WRONG.replace("data[data['fare'] > 100]", "data")


def write(page: Page, block: str, code: str) -> None:
    """Replace the code of the block on the screen and save it."""
    page.locator(".node", has_text=block).click()
    editor = page.get_by_label(f"Code of {block}")
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)
    page.keyboard.press("Control+s")
    expect(page.get_by_text("not saved")).to_have_count(0)


def add(page: Page, name: str, template: str) -> None:
    page.get_by_role("button", name="Add block").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Template").select_option(label=template)
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".node", has_text=name)).to_be_visible()


def draw(page: Page, project: Path) -> None:
    """A histogram of what the loader left, and a table that a few lines of Python make."""
    page.get_by_role("tab", name="Charts").click()
    page.get_by_role("button", name="Add chart").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Fares")
    dialog.get_by_label("Column").select_option("fare")
    dialog.get_by_role("button", name="Save chart").click()
    expect(page.locator(".chart rect")).to_have_count(10)
    page.get_by_role("button", name="Add chart").click()
    dialog.get_by_label("Name").fill("Overview")
    dialog.get_by_label("Kind").select_option("Summary")
    dialog.get_by_role("button", name="Save chart").click()
    expect(page.get_by_role("row", name="Columns 2")).to_be_visible()
    assert "chart_type: histogram" in (project / "pipelines/trips/metadata.yaml").read_text()
    assert "stats = [" in (project / "charts/overview.py").read_text()
    assert_legible(page)
    page.get_by_role("tab", name="Block").click()


def debug(page: Page) -> None:
    """The block waits for a debugger, and runs when one has attached."""
    page.locator(".node", has_text="load").click()
    page.get_by_role("button", name="Debug").click()
    dialog = page.get_by_role("dialog", name="Waiting for a debugger")
    told = json.loads(dialog.get_by_label("launch.json").inner_text())
    attach(told["configurations"][0]["connect"]["port"])
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_text("2,500 rows × 2 columns")).to_be_visible(timeout=60_000)


def attach(port: int) -> None:
    """As an editor does (Debug Adapter Protocol): attach, then let the program go on."""
    with connected(port) as line, line.makefile("rb") as answers:
        for number, command in enumerate(("initialize", "attach"), 1):
            arguments = {"adapterID": "test", "subProcess": False}
            send(line, number, command, arguments)
        while heard(answers).get("event") != "initialized":
            pass
        send(line, 3, "configurationDone", {})
        while heard(answers).get("event") not in {"terminated", "exited"}:
            pass


def connected(port: int) -> socket.socket:
    """Its process may need a moment before it listens."""
    end = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=30)
        except ConnectionRefusedError:
            assert time.monotonic() < end, "nobody listens"


def send(line: socket.socket, number: int, command: str, arguments: dict[str, object]) -> None:
    message = {"seq": number, "type": "request", "command": command, "arguments": arguments}
    body = json.dumps(message).encode()
    line.sendall(f"Content-Length: {len(body)}\r\n\r\n".encode() + body)


def heard(answers: BinaryIO) -> dict[str, object]:
    length = int(answers.readline().split(b":")[1])
    answers.readline()
    message: dict[str, object] = json.loads(answers.read(length))
    return message


def compare(page: Page) -> None:
    """A second run, and both beside each other."""
    page.get_by_role("navigation").get_by_role("link", name="Pipelines").click()
    page.get_by_label("Run trips").click()
    expect(page.locator(".page-head .state.succeeded")).to_be_visible(timeout=60_000)
    page.get_by_role("navigation").get_by_role("link", name="Runs", exact=True).click()
    boxes = page.get_by_label(re.compile("^Compare "))
    expect(boxes).not_to_have_count(1)
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.get_by_role("link", name="Compare the two").click()
    expect(page.get_by_role("heading", name="Two runs of trips")).to_be_visible()
    expect(page.get_by_role("row", name="load")).to_contain_text("2,500")
    expect(page.get_by_text("The same columns in both runs")).to_be_visible()
    assert_legible(page)


def look_around(page: Page) -> None:
    """The local cloud: its databases answer questions, its processes and buckets are shown."""
    page.get_by_role("navigation").get_by_role("link", name="Local cloud").click()
    page.get_by_label("SQL for BigQuery").fill("select 6 * 7 as answer")
    page.get_by_role("button", name="Ask BigQuery").click()
    expect(page.get_by_role("cell", name="42", exact=True)).to_be_visible(timeout=30_000)
    page.get_by_label("SQL for BigQuery").fill("create schema planted")
    page.get_by_role("button", name="Ask BigQuery").click()
    expect(page.get_by_role("alert")).to_contain_text("only reads")
    expect(page.get_by_text("process ").first).to_be_visible()
    expect(page.get_by_text(re.compile("manifest.json$")).first).to_be_visible()
    assert_legible(page)


def fill_back(page: Page) -> None:
    """Two days of the past."""
    page.get_by_role("navigation").get_by_role("link", name="Pipelines").click()
    page.get_by_role("link", name="Trips").click()
    page.get_by_role("link", name="Backfill").click()
    page.get_by_label("First").fill("2024-01-01")
    page.get_by_label("Last, included").fill("2024-01-02")
    page.get_by_label("Side by side").fill("2")
    page.get_by_role("button", name="Run 2 intervals").click()
    expect(page.locator(".slot.succeeded")).to_have_count(2, timeout=60_000)
    assert_legible(page)


def go(page: Page, name: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()


def schedule(page: Page, project: Path) -> None:
    """Every day at dawn: written, deployed, held in the cloud, and let go again."""
    go(page, "Triggers")
    page.get_by_role("button", name="New trigger").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("dawn")
    dialog.get_by_label("Pipeline").select_option("trips")
    dialog.get_by_label("Schedule").fill("30 4 * * *")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="30 4 * * *")).to_be_visible()
    go(page, "Deploy")
    expect(page.get_by_role("cell", name=re.compile("^schedule"))).to_be_visible()
    page.get_by_role("button", name="Deploy", exact=True).click()
    expect(page.locator("pre.log")).to_contain_text("deployed", timeout=60_000)
    go(page, "Triggers")
    page.get_by_role("button", name="Hold dawn").click()
    expect(page.get_by_text("held by hand")).to_be_visible()
    assert_legible(page)
    page.get_by_role("button", name="Let go dawn").click()
    expect(page.get_by_text("held by hand")).to_have_count(0)
    assert "status: active" in (project / "pipelines/trips/triggers.yaml").read_text()


def look_before_deploying(page: Page, project: Path) -> None:
    """What it may do, what it costs, and the way on when another pipeline is broken."""
    go(page, "Deploy")
    expect(page.get_by_role("heading", name="Nothing to change")).to_be_visible()
    page.get_by_role("button", name="Show rights").click()
    expect(page.get_by_role("cell", name="roles/storage.objectUser").first).to_be_visible()
    expect(page.get_by_text("runs the blocks of trips")).to_be_visible()
    page.get_by_role("button", name="Estimate").click()
    expect(page.get_by_role("cell", name="Together")).to_be_visible()
    place = project / "pipelines/broken/metadata.yaml"
    place.parent.mkdir()
    place.write_text("blocks: [")
    expect(page.get_by_role("alert")).to_contain_text("pipelines/broken/metadata.yaml")
    page.get_by_role("button", name="Leave out the pipelines").click()
    expect(page.get_by_role("heading", name="Left out: broken")).to_be_visible()
    assert_legible(page)
    expect(page.get_by_role("heading", name="Nothing to change")).to_be_visible()
    place.unlink()
    place.parent.rmdir()
    page.get_by_role("button", name="Plan all of them").click()


def run_what_is_there(page: Page) -> None:
    """After the way back a run uses what is deployed, and says so."""
    go(page, "Pipelines")
    page.get_by_label("Run trips").click()
    expect(
        page.get_by_text(re.compile(r"runs deployment \d+, to which trips went back"))
    ).to_be_visible()
    expect(page.locator(".page-head .state.succeeded")).to_be_visible(timeout=60_000)
    page.locator(".node", has_text="load").click()
    expect(page.get_by_text("2,500 rows × 2 columns")).to_be_visible()


def roll_back(page: Page, project: Path) -> None:
    """A bad change is deployed, and taken back; the file still holds it."""
    place = project / "data_loaders/load.py"
    place.write_text(LOADER.replace("2500", "7"))
    page.get_by_role("navigation").get_by_role("link", name="Deploy").click()
    page.get_by_role("button", name="Plan again").click()
    page.get_by_role("button", name="Deploy", exact=True).click()
    expect(page.locator("pre.log")).to_contain_text("deployed", timeout=60_000)
    expect(page.get_by_role("heading", name="Nothing to change")).to_be_visible()
    page.get_by_label(re.compile("Go back to deployment")).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem").first).to_be_visible()
    dialog.get_by_role("button", name="Go back").click()
    expect(page.locator("pre.log")).to_contain_text("back", timeout=60_000)
    expect(page.get_by_text(re.compile(r"back to \d"))).to_be_visible()
    assert "7" in place.read_text()


@pytest.mark.timeout(300)
def test_from_nothing_to_a_mended_run(page: Page, project: Path) -> None:
    page.get_by_role("button", name="New pipeline").click()
    page.get_by_label("Name").fill("Trips")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Trips")).to_be_visible()

    add(page, "load", "Data loader: Empty")
    add(page, "clean", "Transformer: Empty")
    write(page, "load", LOADER)
    write(page, "clean", WRONG)
    assert (project / "data_loaders/load.py").read_text() == LOADER

    page.get_by_role("button", name="Run with upstream").click()
    expect(page.get_by_role("alert")).to_contain_text("rows were lost", timeout=60_000)
    assert_legible(page)
    page.locator(".node", has_text="load").click()
    expect(page.get_by_text("2,500 rows × 2 columns")).to_be_visible()
    expect(page.get_by_role("cell", name="0.5", exact=True)).to_be_visible()

    draw(page, project)
    write(page, "clean", RIGHT)
    page.get_by_role("button", name="Run block").click()
    page.get_by_role("tab", name="Tests (1/1)").click(timeout=60_000)
    expect(page.get_by_role("cell", name="test_output")).to_be_visible()

    debug(page)
    page.get_by_role("button", name="Run pipeline").click()
    expect(page.locator(".page-head .state.succeeded")).to_be_visible(timeout=60_000)
    expect(page.locator(".gantt .bar.done")).to_have_count(2)
    page.locator(".node", has_text="load").click()
    page.get_by_role("tab", name="Logs").click()
    expect(page.get_by_label("Log")).to_contain_text("loading <img src=x onerror=alert(1)>")
    assert page.locator("img[src=x]").count() == 0

    page.get_by_role("button", name="Steps taken").click()
    expect(page.get_by_role("cell", name="clean", exact=True)).to_be_visible()
    page.get_by_role("button", name="Definition").click()
    expect(page.get_by_label("Workflows definition")).to_contain_text("- clean:")
    assert_legible(page)

    page.get_by_role("link", name="Deploy").click()
    expect(page.get_by_role("heading", name="Nothing to change")).to_be_visible()
    compare(page)
    look_around(page)
    fill_back(page)
    schedule(page, project)
    look_before_deploying(page, project)
    roll_back(page, project)
    run_what_is_there(page)


def test_an_editor_beside_and_a_tab_lose_nothing(page: Page, project: Path) -> None:
    page.get_by_role("button", name="New pipeline").click()
    page.get_by_label("Name").fill("Two hands")
    page.get_by_role("button", name="Create").click()
    add(page, "shared", "Custom: Empty")
    page.get_by_label("Code of shared").click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("# mine\n")
    file = project / "custom/shared.py"
    file.write_text("# theirs\n" + file.read_text())
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog", name="The file changed")
    expect(dialog).to_be_visible()
    assert "# mine" not in file.read_text()
    assert_legible(page)
    dialog.get_by_role("button", name="Save the right side").click()
    expect(dialog).to_be_hidden()
    assert "# mine" in file.read_text()


def test_a_name_with_script_in_it_is_text(page: Page) -> None:
    page.get_by_role("button", name="New pipeline").click()
    page.get_by_label("Name").fill("<img src=x onerror=alert(1)>")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="<img src=x onerror=alert(1)>")).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


def test_the_palette_goes_anywhere(page: Page) -> None:
    expect(page.get_by_role("heading", name="Pipelines")).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_label("Search pipelines, blocks and pages").fill("secr")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Secrets and connections")).to_be_visible()
    page.get_by_label("Test default").click()
    expect(page.get_by_text("names no service that can be tried")).to_be_visible()


def test_a_schedule_is_made_paused_and_taken_away(page: Page, project: Path) -> None:
    page.get_by_role("button", name="New pipeline").click()
    page.get_by_label("Name").fill("Clockwork")
    page.get_by_role("button", name="Create").click()
    page.get_by_role("link", name="Triggers").click()
    page.get_by_role("button", name="New trigger").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("every_dawn")
    dialog.get_by_label("Pipeline").select_option("clockwork")
    dialog.get_by_label("Schedule").fill("99 * * * *")
    expect(dialog.get_by_text("is no schedule")).to_be_visible()
    dialog.get_by_label("Schedule").fill("0 5 * * *")
    expect(dialog.get_by_text("Next:")).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    file = project / "pipelines/clockwork/triggers.yaml"
    expect(page.get_by_role("cell", name="0 5 * * *")).to_be_visible()
    page.get_by_role("button", name="Pause every_dawn").click()
    expect(page.get_by_text("paused", exact=True)).to_be_visible()
    assert "status: inactive" in file.read_text()
    page.once("dialog", lambda question: question.accept())
    page.get_by_role("button", name="Remove every_dawn").click()
    expect(page.get_by_role("cell", name="0 5 * * *")).to_have_count(0)
