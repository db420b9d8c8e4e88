"""Pictures of the main pages for the documentation: `python -m tests.browser.screenshots`.

They are taken of projects/magic-zoomcamp in a folder of its own, after a run of one pipeline.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs/images"
PROJECT = ROOT / "projects/magic-zoomcamp"
PIPELINE = "api_to_postgres"
LARGEST = 150_000
SCHEMES: dict[Literal["light", "dark"], str] = {"light": "", "dark": "-dark"}
"""What a picture shows → the end of its name."""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / PROJECT.name
        shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns(".blocklift"))
        command = [sys.executable, "-m", "studio.server", str(project), "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as studio:
            assert studio.stdout is not None
            found = re.search(r"http://\S+", studio.stdout.readline())
            assert found, "Studio did not start"
            try:
                take(found[0])
            finally:
                studio.terminate()
        stop = [sys.executable, "-m", "emulator", "stop", "--data"]
        subprocess.run([*stop, str(project / ".blocklift/emulator")], check=False)


def take(address: str) -> None:
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(90_000)
        page.goto(address)
        page.get_by_label(f"Run {PIPELINE}").click()
        page.locator(".page-head .state.succeeded").wait_for()
        page.get_by_role("cell").first.wait_for()
        keep(page, "run")
        visit(page, "Pipelines", ".state.succeeded", "pipelines")
        visit(page, "Runs", "td .state", "runs")
        deploy(page)
        compare(page)
        visit(page, "Triggers", "td .command", "triggers")
        visit(page, "Secrets", "td code", "secrets")
        visit(page, "Local cloud", "td code", "local-cloud")
        backfill(page)
        edit(page)
        chromium.close()


def visit(page: Page, link: str, ready: str, name: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=link, exact=True).click()
    page.locator(ready).first.wait_for()
    keep(page, name)


def deploy(page: Page) -> None:
    visit(page, "Deploy", ".panel td", "deploy")
    page.get_by_role("button", name="Show rights").click()
    page.get_by_text("roles/storage.objectUser").first.wait_for()
    page.get_by_role("button", name="Estimate").click()
    page.get_by_role("cell", name="Together").wait_for()
    page.get_by_role("heading", name="Rights that it needs").scroll_into_view_if_needed()
    keep(page, "rights")
    page.get_by_role("cell", name="Together").scroll_into_view_if_needed()
    keep(page, "cost")


def backfill(page: Page) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Pipelines", exact=True).click()
    page.get_by_role("link", name=PIPELINE, exact=True).click()
    page.get_by_role("link", name="Backfill").click()
    page.get_by_label("First").fill("2024-01-01")
    page.get_by_label("Last, included").fill("2024-01-14")
    page.get_by_label("Side by side").fill("4")
    page.get_by_role("button", name="Run 14 intervals").click()
    page.locator(".slot.succeeded").nth(7).wait_for()
    keep(page, "backfill")


def compare(page: Page) -> None:
    """A second run beside the first."""
    page.get_by_role("navigation").get_by_role("link", name="Pipelines", exact=True).click()
    page.get_by_label(f"Run {PIPELINE}").click()
    page.locator(".page-head .state.succeeded").wait_for()
    page.get_by_role("navigation").get_by_role("link", name="Runs", exact=True).click()
    boxes = page.get_by_label(re.compile("^Compare "))
    boxes.nth(1).check()
    boxes.nth(0).check()
    page.get_by_role("link", name="Compare the two").click()
    page.get_by_text("The same columns").wait_for()
    keep(page, "compare")


def edit(page: Page) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Pipelines", exact=True).click()
    page.get_by_role("link", name=PIPELINE, exact=True).click()
    page.locator(".node").nth(1).click()
    page.get_by_role("button", name="Run with upstream").click()
    page.get_by_text("rows ×").wait_for()
    page.locator(".node", has_text="transform_taxi_data").get_by_text("done").wait_for()
    keep(page, "editor")
    chart(page)


def chart(page: Page) -> None:
    page.get_by_role("tab", name="Charts").click()
    for name, kind, column in (
        ("Distances", "Histogram", "trip_distance"),
        ("Payments", "Pie chart", "payment_type"),
    ):
        page.get_by_role("button", name="Add chart").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Name").fill(name)
        dialog.get_by_label("Kind").select_option(kind)
        dialog.get_by_label("Column").select_option(column)
        dialog.get_by_role("button", name="Save chart").click()
    page.locator(".chart path").first.wait_for()
    keep(page, "charts")


def keep(page: Page, name: str) -> None:
    """Light, and dark."""
    for scheme, suffix in SCHEMES.items():
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(400)  # pictures only: transitions end
        place = IMAGES / f"studio-{name}{suffix}.png"
        page.screenshot(path=place)
        size = place.stat().st_size
        print(f"{place.name}: {size:,} bytes")
        assert size < LARGEST, f"{place.name} is too heavy"
    page.emulate_media(color_scheme="light")


if __name__ == "__main__":
    IMAGES.mkdir(parents=True, exist_ok=True)
    main()
