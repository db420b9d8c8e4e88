"""Performing plans on a cloud in a dict: order, failures, faults at every call."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from deployer.apply import Applied, Event, Failed, Skipped, apply
from deployer.errors import Busy, CloudError, NotAllowed, Unreachable
from deployer.live import survey
from deployer.pace import Pace, Patience
from deployer.plan import plan, teardown
from deployer.resources import Resource
from tests.deployer.fakes import OWNER, World, small_project

HASTE = Pace(workers=4, patience=Patience(0, 0, tries=3))


def deploy(world: World, desired: Sequence[Resource], events: list[Event] | None = None) -> Applied:
    found = plan(OWNER, desired, survey(world.cloud, OWNER, desired))
    tell = events.append if events is not None else lambda _: None
    return apply(found, world.cloud, HASTE, tell)


def keys(world: World) -> set[str]:
    return set(world.items)


def test_everything_is_made_after_what_it_needs() -> None:
    world = World()
    applied = deploy(world, small_project())  # the fake asserts the order
    assert not applied.failed
    assert world.writes[-1] == "put workflow/daily"


def test_nothing_is_called_when_nothing_changes() -> None:
    world = World()
    deploy(world, small_project())
    world.forget()
    deploy(world, small_project())
    assert world.writes == []


def test_functions_go_after_the_workflow_that_called_them() -> None:
    world = World()
    deploy(world, small_project())
    world.forget()
    deploy(world, small_project(blocks=("load",)))
    assert world.writes[0] == "put workflow/daily"
    assert world.writes[-1] == "drop function/daily-clean"


def test_a_failure_stops_what_needs_it_and_nothing_else() -> None:
    world = World()
    world.fault = lambda call: (
        NotAllowed("no permission cloudfunctions.functions.create")
        if call == "put function/daily-load"
        else None
    )
    events: list[Event] = []
    applied = deploy(world, small_project(), events)
    assert "function/daily-clean" in world.items
    assert "workflow/daily" not in world.items
    assert {e.change.key for e in events if isinstance(e, Skipped)} == {
        "access/service/daily-load",
        "workflow/daily",
    }
    with pytest.raises(CloudError, match=r"function daily/load: no permission[\s\S]*2 more"):
        applied.raise_for_failures()


def test_deletions_wait_until_all_else_has_worked() -> None:
    world = World()
    deploy(world, small_project())
    world.fault = lambda call: NotAllowed("no") if call == "put workflow/daily" else None
    deploy(world, small_project(blocks=("load",)))
    assert "function/daily-clean" in world.items
    world.fault = lambda _: None
    deploy(world, small_project(blocks=("load",)))
    assert "function/daily-clean" not in world.items


def test_a_busy_target_is_asked_again() -> None:
    world = World()
    left = {"put function/daily-load": 2}

    def fault(call: str) -> Exception | None:
        if left.get(call, 0):
            left[call] -= 1
            return Busy("429")
        return None

    world.fault = fault
    assert not deploy(world, small_project()).failed


def test_a_refusal_is_not_asked_again() -> None:
    world = World()
    world.fault = lambda call: NotAllowed("no") if call == "put bucket/shop-bucket" else None
    applied = deploy(world, small_project())
    assert [failed.change.key for failed in applied.failed] == ["bucket/shop-bucket"]
    assert world.calls.count("put bucket/shop-bucket") == 1


FAULTS = [Busy("429"), Busy("500"), Busy("503"), Unreachable("timeout"), NotAllowed("403")]


@pytest.mark.parametrize("error", FAULTS, ids=str)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_after_a_fault_at_any_call_one_more_deploy_reaches_the_plan(
    error: CloudError, after: bool
) -> None:
    """First deploy, update and destroy; the fault comes before the call, or after it worked."""
    stories = [small_project(), small_project(("load", "export"), {"load": "2"}, "new"), []]
    clean = World()
    for desired in stories:
        before = dict(clean.items)
        clean.forget()
        settle(clean, desired)
        for call in list(clean.writes):
            world = World(dict(before))
            fail_at(world, call, error, after)
            settle(world, desired)
            world.fault = world.loss = lambda _: None
            settle(world, desired)
            assert keys(world) == keys(clean), call
            world.forget()
            settle(world, desired)
            assert world.writes == [], call


def settle(world: World, desired: Sequence[Resource]) -> Applied:
    if desired:
        return deploy(world, desired)
    holdings = survey(world.cloud, OWNER, desired)
    return apply(teardown(OWNER, holdings, with_buckets=True), world.cloud, HASTE)


def fail_at(world: World, call: str, error: CloudError, after: bool) -> None:
    """The call fails for as long as this holds; perhaps its work is done all the same."""

    def fault(made: str) -> CloudError | None:
        return error if made == call else None

    world.loss, world.fault = (fault, world.fault) if after else (world.loss, fault)


def test_an_interruption_leaves_a_target_that_the_next_deploy_finishes() -> None:
    world = World()
    events: list[Event] = []

    def interrupt(event: Event) -> None:
        events.append(event)
        if len(events) == 5:
            raise KeyboardInterrupt

    desired = small_project()
    found = plan(OWNER, desired, survey(world.cloud, OWNER, desired))
    with pytest.raises(KeyboardInterrupt):
        apply(found, world.cloud, HASTE, interrupt)
    assert "workflow/daily" not in world.items
    assert not deploy(world, desired).failed
    assert "workflow/daily" in world.items


def test_each_failure_is_an_event_with_its_error() -> None:
    world = World()
    world.fault = lambda call: CloudError("boom") if call == "put account/daily-wf" else None
    events: list[Event] = []
    deploy(world, small_project(), events)
    (failed,) = [event for event in events if isinstance(event, Failed)]
    assert (failed.change.key, str(failed.error)) == ("account/daily-wf", "boom")
