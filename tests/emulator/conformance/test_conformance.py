"""Each row of the conformance table does what it says, and the page has the rows of today."""

from __future__ import annotations

import pytest

from tests.emulator.conformance.rows import PROJECT, Outcome, Place, Row, Rows
from tests.emulator.conformance.table import PAGE, services, written

SERVICES = services()
EVERY = [pytest.param(row, id=f"{one.service}: {row.call}") for one in SERVICES for row in one.all]


@pytest.mark.parametrize("row", EVERY)
@pytest.mark.filterwarnings("ignore:Retrieving:PendingDeprecationWarning")
def test_a_row(row: Row, emulator, fresh_name: str) -> None:
    place = Place(emulator, fresh_name)
    if row.outcome is Outcome.WORKS:
        row.check(place)
        return
    assert row.error is not None
    with pytest.raises(row.error) as caught:
        row.check(place)
    assert caught.type is row.error


def test_the_page_is_fresh() -> None:
    told = PAGE.read_text()
    stale = f"{PAGE.name} is stale: python -m tests.emulator.conformance"
    assert told == written(told, SERVICES), stale


def test_a_page_without_a_place_is_an_error() -> None:
    with pytest.raises(ValueError, match="no place"):
        written("# Nothing", [])


def test_rows_of_a_service_are_told_by_outcome() -> None:
    rows = Rows("Made Up")
    rows.works("a | b")(lambda _: None)
    rows.missing("c", KeyError)(lambda _: None)
    assert [row.shown for row in rows.all] == ["works", "not there (KeyError)"]
    page = written(PAGE.read_text(), [rows])
    assert "### Made Up: 1 work, 1 not there" in page
    assert "| a \\| b | works |" in page


def test_projects_agree(emulator) -> None:
    assert emulator.get("/emulator/v1/health").json["project_id"] == PROJECT
