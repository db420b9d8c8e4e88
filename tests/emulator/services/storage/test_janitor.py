"""Rules are carried out by the cloud's clock: in a round, at a start, when they change."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.access import Policies
from emulator.clock import unix
from emulator.cloud import Settings
from emulator.projects import KnownProjects
from emulator.services.storage.janitor import Janitor
from emulator.services.storage.shelf import Shelf
from emulator.services.storage.spool import in_memory
from emulator.store import Store

DAY = 86_400


class Clock:
    """Moves when it is told to, or when somebody waits."""

    def __init__(self) -> None:
        self.time = unix("2026-01-01T00:00:00Z")

    def now(self) -> float:
        return self.time

    async def sleep_until(self, deadline: float) -> None:
        await asyncio.sleep(0)
        self.time = max(self.time, deadline)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shelf(tmp_path: Path, clock: Clock) -> Iterator[Shelf]:
    store = Store(None)
    access = Policies(store, clock, KnownProjects(store, "p-roject"))
    made = Shelf(Settings(tmp_path), access, clock)
    made.create_bucket("p-roject", {"name": "b"})
    yield made
    made.close()


def put(shelf: Shelf, *names: str) -> None:
    for name in names:
        shelf.commit("b", name, in_memory(name.encode()), {})


def names(shelf: Shelf) -> list[str]:
    return [row.name for row in shelf.catalog.scan("b", "", None, -1)]


def rules(shelf: Shelf, *rule: dict) -> None:
    shelf.keep_bucket("p-roject", {**shelf.bucket("b"), "lifecycle": {"rule": list(rule)}})


def test_old_runs_go(shelf: Shelf, clock: Clock) -> None:
    put(shelf, "runs/1", "kept/1")
    rules(
        shelf, {"action": {"type": "Delete"}, "condition": {"age": 7, "matchesPrefix": ["runs/"]}}
    )
    clock.time += 6 * DAY
    put(shelf, "runs/2")
    asyncio.run(Janitor(shelf).tidy())
    assert names(shelf) == ["kept/1", "runs/1", "runs/2"]
    clock.time += DAY
    gone = shelf.path("b", "runs/1")
    asyncio.run(Janitor(shelf).tidy())
    assert names(shelf) == ["kept/1", "runs/2"]
    assert not gone.exists()


def test_only_the_newest_versions_stay(shelf: Shelf) -> None:
    shelf.bucket("b")["versioning"] = {"enabled": True}
    for _ in range(5):
        put(shelf, "o")
    rules(shelf, {"action": {"type": "Delete"}, "condition": {"numNewerVersions": 2}})
    asyncio.run(Janitor(shelf).tidy())
    assert len(shelf.catalog.generations("b")) == 2
    assert names(shelf) == ["o"]


def test_a_colder_class_and_a_hold(shelf: Shelf, clock: Clock) -> None:
    put(shelf, "o", "held")
    held = shelf.get("b", "held")
    shelf.update(held, held.json() | {"temporaryHold": True})
    rules(
        shelf,
        {
            "action": {"type": "SetStorageClass", "storageClass": "NEARLINE"},
            "condition": {"age": 1},
        },
        {"action": {"type": "Delete"}, "condition": {"age": 1, "matchesPrefix": ["h"]}},
    )
    clock.time += DAY
    asyncio.run(Janitor(shelf).tidy())
    assert shelf.get("b", "o").json()["storageClass"] == "NEARLINE"
    assert names(shelf) == ["held", "o"]


def test_forgotten_multipart_uploads(shelf: Shelf, clock: Clock) -> None:
    state = {"multipart": ["b", "o"], "given": {}, "begun": shelf.now()}
    shelf.catalog.put_session("upload", state)
    rules(shelf, {"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"age": 1}})
    asyncio.run(Janitor(shelf).tidy())
    assert shelf.catalog.session("upload")
    clock.time += DAY
    asyncio.run(Janitor(shelf).tidy())
    assert shelf.catalog.session("upload") is None


def test_it_goes_on_by_itself(shelf: Shelf, clock: Clock) -> None:
    """The clock stands still while nobody sleeps; each hour that it waits is a round."""
    put(shelf, "o")
    rules(shelf, {"action": {"type": "Delete"}, "condition": {"age": 2}})

    async def serve() -> None:
        served = asyncio.create_task(Janitor(shelf).serve())
        async with asyncio.timeout(20):
            while names(shelf):
                await asyncio.sleep(0)
        served.cancel()
        await asyncio.gather(served, return_exceptions=True)

    asyncio.run(serve())
    assert clock.time >= unix("2026-01-03T00:00:00Z")
