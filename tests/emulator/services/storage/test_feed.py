"""Who subscribed hears of every change, once it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.access import Policies
from emulator.clock import RealClock
from emulator.cloud import ObjectEvent, Settings
from emulator.projects import KnownProjects
from emulator.services.storage.shelf import Shelf
from emulator.services.storage.spool import in_memory
from emulator.store import Store


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    clock, store = RealClock(), Store(None)
    access = Policies(store, clock, KnownProjects(store, "p-roject"))
    made = Shelf(Settings(tmp_path), access, clock)
    made.create_bucket("p-roject", {"name": "b"})
    yield made
    made.close()


@pytest.fixture
def heard(shelf: Shelf) -> list[ObjectEvent]:
    events: list[ObjectEvent] = []
    shelf.subscribe(events.append)
    return events


def kinds(events: list[ObjectEvent]) -> list[str]:
    return [event.type.rpartition(".")[2] for event in events]


def test_an_object_comes_changes_and_goes(shelf: Shelf, heard: list[ObjectEvent]) -> None:
    row = shelf.commit("b", "o", in_memory(b"12"), {})
    row = shelf.update(row, row.json())
    shelf.delete(row, for_good=False)
    assert kinds(heard) == ["finalized", "metadataUpdated", "deleted"]
    assert [event.notification for event in heard] == [
        "OBJECT_FINALIZE",
        "OBJECT_METADATA_UPDATE",
        "OBJECT_DELETE",
    ]
    first = heard[0].resource
    assert (first["bucket"], first["name"], first["size"]) == ("b", "o", "2")
    assert first["selfLink"] == "https://www.googleapis.com/storage/v1/b/b/o/o"
    assert heard[1].resource["metageneration"] == "2"


@pytest.mark.parametrize(("versioned", "end"), [(False, "deleted"), (True, "archived")])
def test_writing_over_an_object(
    shelf: Shelf, heard: list[ObjectEvent], versioned: bool, end: str
) -> None:
    shelf.bucket("b")["versioning"] = {"enabled": versioned}
    old = shelf.commit("b", "o", in_memory(b"1"), {})
    new = shelf.commit("b", "o", in_memory(b"2"), {})
    assert kinds(heard) == ["finalized", end, "finalized"]
    assert heard[1].overwritten_by == new.generation
    assert heard[1].resource["generation"] == str(old.generation)
    assert heard[2].overwrote == old.generation


def test_a_listener_that_fails_harms_nobody(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: ObjectEvent) -> None:
        raise ValueError("out of order")

    later: list[ObjectEvent] = []
    shelf.subscribe(broken)
    shelf.subscribe(later.append)
    shelf.commit("b", "o", in_memory(b""), {})
    assert kinds(later) == ["finalized"]
    assert "out of order" in caplog.text


def test_who_unsubscribes_hears_no_more(shelf: Shelf) -> None:
    events: list[ObjectEvent] = []
    stop = shelf.subscribe(events.append)
    stop()
    shelf.commit("b", "o", in_memory(b""), {})
    assert events == []
