"""What is acknowledged stays, what is not leaves nothing: also when the process is killed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from emulator.access import Policies
from emulator.clock import RealClock
from emulator.cloud import Settings
from emulator.projects import KnownProjects
from emulator.services.storage.ask import StorageError
from emulator.services.storage.shelf import Shelf
from emulator.services.storage.spool import Spool, fresh, in_memory
from emulator.store import Store


def open_shelf(data: Path) -> Shelf:
    settings, clock, store = Settings(data), RealClock(), Store(None)
    return Shelf(settings, Policies(store, clock, KnownProjects(store, "p-roject")), clock)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = open_shelf(tmp_path)
    made.create_bucket("p-roject", {"name": "b"})
    yield made
    made.close()


def test_objects_survive_a_restart(shelf: Shelf, tmp_path: Path) -> None:
    row = shelf.commit("b", "o", in_memory(b"bytes"), {})
    again = open_shelf(tmp_path)
    assert again.path("b", "o").read_bytes() == b"bytes"
    newer = again.commit("b", "o", in_memory(b"more"), {})
    assert newer.generation > row.generation
    again.close()


def test_the_file_of_an_overwritten_object_goes(shelf: Shelf) -> None:
    first = shelf.commit("b", "o", in_memory(b"1"), {})
    shelf.commit("b", "o", in_memory(b"2"), {})
    assert not shelf.file(first).exists()
    assert len(list(shelf.folder("b").iterdir())) == 1


def test_put_file_takes_the_file_and_makes_google_buckets(shelf: Shelf, tmp_path: Path) -> None:
    given = tmp_path / "source.zip"
    given.write_bytes(b"zip")
    made = shelf.put_file("gcf-v2-uploads-1.europe-west1", "a.zip", given, "application/zip")
    assert (made["size"], made["contentType"]) == ("3", "application/zip")
    assert not given.exists()
    with pytest.raises(StorageError, match="bucket does not exist"):
        shelf.put_file("other", "a", tmp_path / "x", "a/b")


def test_a_sweep_takes_only_what_nobody_knows(shelf: Shelf) -> None:
    kept = shelf.commit("b", "o", in_memory(b"kept"), {})
    stray, half = shelf.folder("b") / "12345", fresh(shelf.incoming)
    for path in (stray, half):
        path.write_bytes(b"left by a killed process")
        os.utime(path, (1, 1))
    shelf.catalog.put_session("session", {})
    under_way = shelf.incoming / "session"
    under_way.write_bytes(b"half an upload")
    os.utime(under_way, (1, 1))
    asyncio.run(shelf.sweep())
    assert not stray.exists()
    assert not half.exists()
    assert under_way.exists()
    assert shelf.file(kept).read_bytes() == b"kept"


def test_a_spool_goes_on_where_a_killed_one_stopped(shelf: Shelf) -> None:
    async def write(data: bytes, append: bool) -> str:
        spool = Spool(shelf.incoming / "s", append)
        for at in range(0, len(data), 100_000):
            await spool.write(data[at : at + 100_000])
        spooled = await spool.finish()
        assert spooled.path is not None
        return f"{spooled.crc32c} {spooled.md5} {spooled.size}"

    data = os.urandom(3_000_000)
    asyncio.run(write(data[:1_234_567], append=False))
    resumed = asyncio.run(write(data[1_234_567:], append=True))
    whole = replace(in_memory(data), data=b"")
    assert resumed == f"{whole.crc32c} {whole.md5} {whole.size}"
