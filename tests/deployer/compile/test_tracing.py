"""Traced runs: the run's end is told to one function, and nothing else changes."""

from __future__ import annotations

from typing import Any

from deployer.compile import compile_pipeline
from deployer.compile.tracing import COLLECTOR
from deployer.model import Pipeline
from emulator.workflows.effects import Outcome
from tests.deployer.compile.world import (
    BUCKET,
    START,
    World,
    definition,
    error,
    failing,
    result,
    url,
)
from tests.deployer.making import block, pipeline, project

CHAIN = pipeline(block("load"), block("store", "load"))
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def text(made: Pipeline, secrets: Any) -> str:
    settings = {"secrets": secrets}
    return compile_pipeline(project(made, settings=settings), made, url(made), BUCKET).text


def ran(world: World, made: Pipeline, argument: Any = None) -> Outcome:
    return world.run_text(text(made, [COLLECTOR]), argument)


def ends(world: World) -> list[Any]:
    return [c.request["ended"] for c in world.calls if "ended" in c.request]


def test_a_definition_knows_of_traces_only_where_they_are_wanted() -> None:
    assert "trace" not in definition(CHAIN).text
    assert "trace" not in text(CHAIN, ["TOKEN"])
    assert "trace" not in text(CHAIN, {COLLECTOR: ["weekly"]})
    assert "traceparent" in text(CHAIN, {COLLECTOR: ["daily/store"]})


def test_the_end_is_told_after_the_last_block() -> None:
    world = World()
    assert result(ran(world, CHAIN))["blocks"] == {"done": 2}
    assert world.names() == ["load", "store", "load"]
    assert ends(world) == [{"began": START}]


def test_who_starts_a_run_says_which_trace_it_belongs_to() -> None:
    world = World()
    result(ran(world, CHAIN, {"traceparent": PARENT}))
    assert {call.request["traceparent"] for call in world.calls} == {PARENT}


def test_a_failure_is_told_and_is_the_same_failure() -> None:
    world, alone = World({"store": failing("full")}), World({"store": failing("full")})
    assert error(ran(world, CHAIN)) == error(alone.run(CHAIN))
    (ended,) = ends(world)
    assert ended["error"]["body"]["error"]["message"] == "full"


def test_a_collector_that_is_not_told_changes_nothing() -> None:
    def deaf(request: dict[str, Any]) -> Any:
        return (500, {"error": "no"}) if "ended" in request else {"status": "done", "outputs": 1}

    world = World({"load": deaf})
    assert result(ran(world, CHAIN))["blocks"] == {"done": 2}
    assert [log.severity for log in world.logs] == ["WARNING"]
