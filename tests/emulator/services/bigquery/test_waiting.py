"""Jobs have a life: they wait, run, can be asked, stopped and cut off."""

from __future__ import annotations

import signal
import time

import pytest
from google.api_core.exceptions import Cancelled, GoogleAPICallError
from google.cloud import bigquery

from tests.emulator.services.bigquery.process import HEAVY, PROJECT, client_of, started


@pytest.fixture
def client(emulator):
    with client_of(emulator.url) as made:
        yield made


def until_running(client: bigquery.Client, job: bigquery.QueryJob) -> None:
    deadline = time.monotonic() + 10
    while client.get_job(job.job_id).state != "RUNNING":
        assert time.monotonic() < deadline


def test_a_long_query_runs_and_is_cancelled(client, emulator) -> None:
    job = client.query(HEAVY)
    until_running(client, job)
    assert job.job_id in [one.job_id for one in client.list_jobs(state_filter="running")]
    asked = emulator.get(f"/bigquery/v2/projects/{PROJECT}/queries/{job.job_id}?timeoutMs=50")
    assert asked.json["jobComplete"] is False
    assert "rows" not in asked.json
    assert job.cancel()
    with pytest.raises(GoogleAPICallError, match="cancelled: User requested cancellation"):
        client.get_job(job.job_id).result()
    ended = client.get_job(job.job_id)
    assert (ended.state, ended.error_result["reason"]) == ("DONE", "stopped")
    assert [row.a for row in client.query_and_wait("SELECT 1 AS a")] == [1]


def test_a_query_that_outlasts_its_patience_is_told_to_be_incomplete(client, emulator) -> None:
    path = f"/bigquery/v2/projects/{PROJECT}/queries"
    told = emulator.post(path, {"query": HEAVY, "useLegacySql": False, "timeoutMs": 50}).json
    assert told["jobComplete"] is False
    assert client.cancel_job(told["jobReference"]["jobId"], location="europe-west1")


def test_a_cancelled_change_leaves_nothing(client, fresh_name) -> None:
    name = fresh_name.replace("-", "_")
    client.create_dataset(name)
    client.query_and_wait(f"CREATE TABLE {name}.t (s INT64)")
    job = client.query(f"INSERT INTO {name}.t {HEAVY}")
    until_running(client, job)
    waiting = client.query(f"INSERT INTO {name}.t VALUES (1)")  # for its turn to write
    job.cancel()
    waiting.result()
    with pytest.raises(Cancelled):
        client._get_query_results(job.job_id, retry=None)
    assert [row.s for row in client.list_rows(f"{name}.t")] == [1]


def test_an_endless_script_is_stopped_between_its_statements(client) -> None:
    job = client.query("DECLARE x INT64 DEFAULT 0; WHILE TRUE DO SET x = x + 1; END WHILE")
    until_running(client, job)
    job.cancel()
    with pytest.raises(GoogleAPICallError, match="cancelled"):
        client.get_job(job.job_id).result()


def test_a_job_has_the_time_that_it_was_given(client) -> None:
    job = client.query(HEAVY, job_config=bigquery.QueryJobConfig(job_timeout_ms=100))
    with pytest.raises(GoogleAPICallError, match=r"timed out after 0\.1 s"):
        job.result()


def test_more_rows_than_memory_holds_are_streamed_or_refused(client) -> None:
    """The cross join is interrupted while its rows are written."""
    job = client.query(HEAVY.replace("SUM(a * b) AS s", "a, b"))
    until_running(client, job)
    job.cancel()
    with pytest.raises(GoogleAPICallError, match="cancelled"):
        client.get_job(job.job_id).result()


def test_statements_of_a_script_are_child_jobs(client) -> None:
    job = client.query("SELECT 1 AS a; SELECT 2 AS b")
    assert [row.b for row in job.result()] == [2]
    children = sorted(client.list_jobs(parent_job=job), key=lambda one: one.job_id)
    assert [child.query for child in children] == ["SELECT 1 AS a", "SELECT 2 AS b"]
    assert [list(row.values()) for row in children[0].result()] == [[1]]
    assert children[0].parent_job_id == job.job_id
    assert client.get_job(job.job_id).num_child_jobs == 2
    assert job.job_id in [one.job_id for one in client.list_jobs()]
    assert children[0].job_id not in [one.job_id for one in client.list_jobs()]


def test_a_failing_script_keeps_what_was_done(client) -> None:
    job = client.query("BEGIN SELECT 1 AS a; SELECT ERROR('no'); END")
    with pytest.raises(GoogleAPICallError, match="no"):
        job.result()
    assert [one.query for one in client.list_jobs(parent_job=job)] == ["SELECT 1 AS a"]


def test_the_emulator_ends_though_a_query_runs(tmp_path) -> None:
    with started(tmp_path / "data") as emulator, emulator.client() as client:
        until_running(client, client.query(HEAVY))
        emulator.child.send_signal(signal.SIGTERM)
        assert emulator.child.wait(20) == 0


def test_a_killed_emulators_job_has_failed(tmp_path) -> None:
    with started(tmp_path / "data") as emulator, emulator.client() as client:
        client.create_dataset("d")
        client.query_and_wait("CREATE TABLE d.t AS SELECT 1 AS s")
        job = client.query(f"INSERT INTO d.t {HEAVY}")
        until_running(client, job)
        emulator.child.kill()
    with started(tmp_path / "data") as emulator, emulator.client() as client:
        found = client.get_job(job.job_id)
        with pytest.raises(GoogleAPICallError, match="ended while this job ran"):
            found.result()
        assert [row.s for row in client.list_rows("d.t")] == [1]
