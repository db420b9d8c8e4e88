"""The keyword arguments of a scheduled run, and who wins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from runtime.contract import BlockRequest, BlockSpec
from runtime.variables import keyword_arguments


def kwargs(variables: Any = None, trigger: Any = None, **spec: Any) -> dict[str, Any]:
    block = BlockSpec("shop", "orders", "load", "data_loader", "python", "load.py", **spec)
    request = BlockRequest("run-1", "bucket", variables or {}, trigger or {}, attempt=2)
    return keyword_arguments(block, request, "/home/shop")


def test_what_a_block_is_told() -> None:
    found = kwargs(
        trigger={"id": 7, "name": "daily", "execution_date": "2024-05-01T13:05:00+02:00"},
        configuration={"limit": 5},
    )
    assert found == {
        "env": "prod",
        "execution_date": datetime(2024, 5, 1, 11, 5),
        "ds": "2024-05-01",
        "hr": "11",
        "event": {},
        "execution_partition": "7/20240501T110500",
        "pipeline_run_id": "run-1",
        "trigger_name": "daily",
        "retry": {"attempts": 2},
        "configuration": {"limit": 5},
        "context": {},
        "pipeline_uuid": "orders",
        "block_uuid": "load",
        "repo_path": "/home/shop",
    }


def test_who_wins() -> None:
    found = kwargs(
        variables={"a": "run", "b": "run", "env": "mine", "ds": "never"},
        trigger={"event": {"b": "event", "c": "event"}, "execution_date": "2024-05-01"},
    )
    assert [found[name] for name in "abc"] == ["run", "run", "event"]
    assert (found["env"], found["ds"]) == ("prod", "2024-05-01")


def test_run_variables_win_over_the_pipelines() -> None:
    block = BlockSpec("s", "p", "b", "custom", "python", "b.py", variables={"a": 1, "b": 1})
    request = BlockRequest("r", "k", {"b": 3})
    found = keyword_arguments(block, request, "", stored={"a": 2, "b": 2})
    assert (found["a"], found["b"]) == (2, 3)


def test_intervals_come_as_times_and_only_if_given() -> None:
    found = kwargs(
        trigger={
            "execution_date": "2024-05-01T00:00:00Z",
            "interval_start_datetime": "2024-05-01T00:00:00Z",
            "interval_end_datetime": "2024-05-02T00:00:00Z",
            "interval_start_datetime_previous": None,
            "interval_seconds": 86400,
        }
    )
    assert found["interval_start_datetime"] == datetime(2024, 5, 1)
    assert found["interval_end_datetime"] == datetime(2024, 5, 2)
    assert found["interval_start_datetime_previous"] is None
    assert found["interval_seconds"] == 86400
    assert "interval_seconds" not in kwargs()


def test_runs_by_api_have_a_finer_partition() -> None:
    found = kwargs(trigger={"id": 3, "execution_date": "2024-05-01T00:00:00.000123Z"})
    assert found["execution_partition"] == "3/20240501T000000_000123"
