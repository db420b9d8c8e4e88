from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.clock import RealClock
from emulator.filters import parse
from emulator.logbook import LogBook, Wanted

LOG = "projects/p-roject/logs/app"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[LogBook]:
    made = LogBook(tmp_path / "logs.sqlite", RealClock(), "p-roject")
    yield made
    made.close()


def texts(book: LogBook, filter_: str = "", **more) -> list[str]:
    wanted = Wanted(("projects/p-roject/",), parse(filter_), **more)
    return [entry["textPayload"] for _, entry in book.read(wanted)]


def write(book: LogBook, text: str, **fields) -> None:
    book.write({"logName": LOG, "textPayload": text, **fields})


def test_what_was_written_is_read_at_once(book: LogBook) -> None:
    write(book, "a")
    assert texts(book) == ["a"]


def test_entries_are_completed(book: LogBook) -> None:
    book.write({"textPayload": "x"})
    ((_, entry),) = book.read(Wanted((), parse("")))
    assert entry["logName"] == "projects/p-roject/logs/default"
    assert entry["severity"] == "DEFAULT"
    assert entry["resource"]["type"] == "global"
    assert entry["insertId"]
    assert entry["timestamp"] == entry["receiveTimestamp"]


def test_order_is_of_time_not_of_arrival(book: LogBook) -> None:
    write(book, "late", timestamp="2026-01-01T00:00:02Z")
    write(book, "early", timestamp="2026-01-01T00:00:01.5Z")
    assert texts(book) == ["early", "late"]
    assert texts(book, newest_first=True) == ["late", "early"]
    assert texts(book, 'timestamp>"2026-01-01T00:00:01.5Z"') == ["late"]
    assert texts(book, 'timestamp>="2026-01-01T00:00:01.5Z"') == ["early", "late"]


def test_labels_are_found_whatever_their_case(book: LogBook) -> None:
    write(book, "a", labels={"run": 'R "1"'})
    write(book, "b", labels={"run": "R2"})
    assert texts(book, 'labels.run="r \\"1\\""') == ["a"]
    assert texts(book, "labels.run=R2") == ["b"]


def test_pages_go_on_after_the_last_place(book: LogBook) -> None:
    for n in range(5):
        write(book, str(n), timestamp="2026-01-01T00:00:00Z")
    places = [place for place, _ in book.read(Wanted((), parse("")))]
    assert texts(book, after=places[2]) == ["3", "4"]
    assert texts(book, after=places[2], newest_first=True) == ["1", "0"]


def test_entries_survive_a_restart(book: LogBook, tmp_path: Path) -> None:
    write(book, "kept")
    book.flush()
    again = LogBook(tmp_path / "logs.sqlite", RealClock(), "p-roject")
    assert texts(again) == ["kept"]
    again.close()


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    book = LogBook(tmp_path / "small.sqlite", RealClock(), "p-roject", most=10)
    for n in range(20):
        write(book, str(n), timestamp=f"2026-01-01T00:00:{n:02}Z")
        book.flush()
    assert texts(book) == [str(n) for n in range(10, 20)]
    book.close()


def test_writers_on_other_threads(book: LogBook) -> None:
    threads = [threading.Thread(target=write, args=(book, str(n))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(texts(book)) == [str(n) for n in range(8)]


def test_a_flush_comes_by_itself(book: LogBook, tmp_path: Path) -> None:
    async def written() -> list[str]:
        write(book, "soon")
        await asyncio.wait_for(book.written.wait(), 5)
        other = LogBook(tmp_path / "logs.sqlite", RealClock(), "p-roject")
        found = texts(other)
        other.close()
        return found

    assert asyncio.run(written()) == ["soon"]


def test_a_log_can_be_deleted(book: LogBook) -> None:
    write(book, "x")
    assert book.logs("projects/p-roject") == [LOG]
    assert book.delete_log(LOG)
    assert not book.delete_log(LOG)
    assert texts(book) == []
