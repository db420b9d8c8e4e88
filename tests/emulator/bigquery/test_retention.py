"""Results and jobs do not stay for ever."""

from __future__ import annotations

import os
import time

import pyarrow as pa
import pytest

from emulator.bigquery.children import KIND
from emulator.bigquery.results import Results
from emulator.bigquery.retention import JOBS, Retention
from emulator.store import Store

DAY = 24 * 3600.0


@pytest.fixture
def results(tmp_path):
    return Results(tmp_path / "results")


@pytest.fixture
def store():
    made = Store(None)
    yield made
    made.close()


def keep(results, folder, name, age=0.0):
    before = set(folder.glob("results/*"))
    results.keep(name, pa.table({"a": [1, 2, 3]}))
    (path,) = set(folder.glob("results/*")) - before
    written = time.time() - age
    os.utime(path, (written, written))
    return path.stat().st_size


def test_results_of_yesterday_go(tmp_path, results):
    keep(results, tmp_path, "old", 2 * DAY)
    keep(results, tmp_path, "new")
    results.tidy(DAY, 1 << 30)
    assert results.open("old") is None
    assert results.open("new").num_rows == 3


def test_the_oldest_results_go_when_all_are_too_large(tmp_path, results):
    sizes = [keep(results, tmp_path, str(age), 60.0 * age) for age in range(5)]
    results.tidy(DAY, sum(sizes[:3]))
    assert [results.open(str(age)) is not None for age in range(5)] == [True] * 3 + [False] * 2


def test_a_file_under_two_names_counts_once(tmp_path, results):
    size = keep(results, tmp_path, "a")
    results.link("a", "b")
    results.tidy(DAY, size)
    assert results.open("a") is not None
    assert results.open("b") is not None


def job(made, state="DONE"):
    return {"status": {"state": state}, "statistics": {"creationTime": str(int(made * 1000))}}


def test_old_jobs_go_with_their_rows_but_none_that_runs(tmp_path, results, store):
    now = time.time()
    for name, age, state in (("old", 200, "DONE"), ("new", 1, "DONE"), ("long", 200, "RUNNING")):
        store.put(KIND, name, job(now - age * DAY, state))
        keep(results, tmp_path, name)
    Retention(store, tmp_path, results).tidy(now)
    assert [name for name, _ in store.list(KIND)] == ["long", "new"]
    assert results.open("old") is None
    assert results.open("new") is not None


def test_only_so_many_jobs_stay(tmp_path, results, store):
    now = time.time()
    keep(results, tmp_path, "x")
    for at in range(JOBS + 3):
        store.put(KIND, f"{at:06}", job(now - at))
    Retention(store, tmp_path, results).tidy(now)
    kept = [name for name, _ in store.list(KIND)]
    assert len(kept) == JOBS
    assert kept[0] == "000000"


def test_a_start_removes_what_was_left_half(tmp_path, results, store):
    left = [
        tmp_path / "results" / "x.part",
        tmp_path / "incoming" / "y",
        tmp_path / "sessions" / "z",
    ]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    retention = Retention(store, tmp_path, results)
    retention.begin()
    retention.end()
    assert not any(path.exists() for path in left)


def test_nothing_is_tidied_after_the_end(tmp_path, results):
    """A request that is answered last, or a start that comes too late, finds the store closed."""
    store = Store(None)
    keep(results, tmp_path, "old", 2 * DAY)
    retention = Retention(store, tmp_path, results)
    retention.end()
    store.close()
    retention.begin()
    retention.perhaps()
    retention.end()
    assert results.open("old") is not None


def test_what_cannot_be_tidied_now_is_told_and_no_more(tmp_path, results, caplog):
    store = Store(None)
    keep(results, tmp_path, "old", 2 * DAY)
    store.close()
    retention = Retention(store, tmp_path, results)
    retention.begin()
    retention.end()
    assert "not tidied" in caplog.text
