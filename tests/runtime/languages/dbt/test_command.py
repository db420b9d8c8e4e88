"""Command lines of dbt blocks."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest

from runtime.contract import BlockSpec
from runtime.errors import SettingsProblem
from runtime.languages.dbt.command import (
    Where,
    Wishes,
    for_model,
    for_text,
    task_of,
    variables_json,
)

WHERE = Where("/t/demo", "/t/profiles", "/t", "dev")
ENDS = ("--project-dir", "/t/demo", "--profiles-dir", "/t/profiles", "--target", "dev")


def spec(path: str = "dbt/demo/models/orders.sql", **configuration: Any) -> BlockSpec:
    return BlockSpec(
        project="shop", pipeline="daily", block="demo/models/orders", type="dbt", language="sql",
        path=path, configuration=configuration, dbt={"folder": "dbt/demo"},
    )  # fmt: skip


def words(line: tuple[str, ...]) -> list[str]:
    """Without what every command begins with."""
    return list(line[line.index("--log-path") + 2 :])


def test_a_model_is_built_by_its_name() -> None:
    line = words(for_model(spec(), "build", WHERE, {"n": 1}))
    assert line == ["build", "--select", "orders", "--vars", '{"n": 1}', *ENDS]


def test_its_rows_are_shown_without_limit() -> None:
    line = words(for_model(spec(), "show", WHERE, {}, rows=True))
    assert line[:3] == ["show", "--select", "orders"]
    assert line[line.index("--limit") + 1] == "-1"


@pytest.mark.parametrize(
    ("path", "settings", "task"),
    [
        ("dbt/demo/models/a.sql", {}, "build"),
        ("dbt/demo/models/a.sql", {"dbt": {"disable_tests": True}}, "run"),
        ("dbt/demo/snapshots/a.sql", {"dbt": {"disable_tests": True}}, "snapshot"),
        ("dbt/demo/snapshots/a.sql", {"dbt": {"disable_tests": False}}, "build"),
    ],
)
def test_the_task_follows_tests_and_place(path: str, settings: dict[str, Any], task: str) -> None:
    assert task_of(spec(path, **settings), {}) == task


def test_a_run_may_say_more_to_a_block() -> None:
    told = {"flags": ["--full-refresh"], "prefix": "+", "suffix": "+1"}
    variables = {"__mage_variables": {"blocks": {"demo/models/orders": {"configuration": told}}}}
    line = words(for_model(spec(), "build", WHERE, variables))
    assert line[:3] == ["build", "--select", "+orders+1"]
    assert "--full-refresh" in line
    assert Wishes.of("another", variables) == Wishes()


def test_a_text_is_split_as_a_shell_does() -> None:
    line = for_text(spec(), "--select 'tag:nightly model b' # c\n--full-refresh", WHERE, {})
    assert words(line)[:4] == ["run", "--select", "tag:nightly model b", "--full-refresh"]


@pytest.mark.parametrize("command", ["test", "build", "seed", "snapshot", "ls", "docs generate"])
def test_the_command_is_the_configured_one(command: str) -> None:
    line = words(for_text(spec(dbt={"command": command}), "", WHERE, {}))
    assert " ".join(line).startswith(f"{command} --vars")


@pytest.mark.parametrize(
    "text", ["""--vars '{"n": 2, "x": "y"}'""", """--vars='{n: 2, x: y}' --full-refresh"""]
)
def test_variables_of_the_text_win_and_the_option_is_given_once(text: str) -> None:
    line = for_text(spec(), text, WHERE, {"n": 1, "m": 3})
    assert sum(word.startswith("--vars") for word in line) == 1
    assert json.loads(line[line.index("--vars") + 1]) == {"m": 3, "n": 2, "x": "y"}


@pytest.mark.parametrize("text", ["--select 'a", "--vars '[1]'"])
def test_arguments_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(SettingsProblem):
        for_text(spec(), text, WHERE, {})


def test_only_what_json_can_say_is_handed_on() -> None:
    variables = {
        "at": datetime(2024, 5, 1), "day": date(2024, 5, 1), "list": [1, (2,)], "none": None,
        "object": object(), "nested": {"deep": {1: 2}},
    }  # fmt: skip
    assert json.loads(variables_json(variables)) == {
        "at": "2024-05-01T00:00:00", "day": "2024-05-01", "list": [1, [2]], "none": None,
    }  # fmt: skip
