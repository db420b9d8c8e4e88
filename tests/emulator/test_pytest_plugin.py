"""The fixtures, in a project that knows nothing of this one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[2]
GOOGLE = """
    import os

    from google.cloud import bigquery, pubsub_v1, storage


    def test_a_bucket(bucket):
        bucket.blob("a.txt").upload_from_string("hello")
        found = storage.Client().bucket(bucket.name).blob("a.txt")
        assert found.download_as_bytes() == b"hello"


    def test_buckets_are_new_and_gone_afterwards(bucket):
        assert list(bucket.list_blobs()) == []
        assert [found.name for found in storage.Client().list_buckets()] == [bucket.name]


    def test_a_dataset(dataset):
        client = bigquery.Client()
        table = f"{dataset.project}.{dataset.dataset_id}.t"
        client.query_and_wait(f"create table `{table}` as select 1 as n")
        assert [row.n for row in client.query_and_wait(f"select n from `{table}`")] == [1]


    def test_messages(cloud):
        publisher = pubsub_v1.PublisherClient()
        topic = publisher.topic_path(cloud.project_id, "news")
        publisher.create_topic(name=topic)
        assert publisher.publish(topic, b"hello").result(20)


    def test_a_schema(postgres):
        with postgres.connect() as db:
            db.execute("create table t (n int)")
            db.execute("insert into t values (1)")
            assert db.execute("select current_schema").fetchone() == (postgres.schema,)


    def test_another_schema(postgres):
        with postgres.connect() as db:
            assert db.execute("select to_regclass('t')").fetchone() == (None,)


    def test_time_needs_to_be_asked_for(clock):
        raise AssertionError("never reached")
"""
TIME = """
    from datetime import datetime, timedelta, timezone


    def test_time_moves_when_told(clock):
        before = clock.now()
        assert before == datetime(2026, 1, 1, tzinfo=timezone.utc)
        assert clock.advance(timedelta(days=1)) == before + timedelta(days=1)
        assert clock.set(datetime(2026, 2, 1, tzinfo=timezone.utc)) == clock.now()
"""


@pytest.fixture
def elsewhere(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return pytester


def run(pytester: pytest.Pytester, text: str, ini: str = "") -> pytest.RunResult:
    pytester.makepyfile(text)
    pytester.makeini(f"[pytest]\n{ini}\n")
    words = ["-p", "no:cacheprovider", "-p", "no:anyio"]
    return pytester.runpytest_subprocess(*words, timeout=150)


def test_everything_a_test_may_want_of_google_s_cloud(elsewhere: pytest.Pytester) -> None:
    before = dict(os.environ)
    result = run(elsewhere, GOOGLE)
    result.assert_outcomes(passed=6, errors=1)
    result.stdout.fnmatch_lines(["*put `blocklift_clock = virtual` into*"])
    assert dict(os.environ) == before


def test_time_in_a_test_s_hands(elsewhere: pytest.Pytester) -> None:
    run(elsewhere, TIME, "blocklift_clock = 2026-01-01T00:00:00Z").assert_outcomes(passed=1)
