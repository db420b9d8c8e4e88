"""What differs between what is wanted and what is there, and what that asks for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deployer.errors import Conflict
from deployer.live import Live, survey
from deployer.plan import Action, Plan, plan, teardown
from deployer.resources import Kind, Resource, key
from tests.deployer.fakes import OWNER, World, small_project
from tests.deployer.test_apply import deploy


def planned(world: World, desired: list[Resource]) -> Plan:
    return plan(OWNER, desired, survey(world.cloud, OWNER, desired))


def writes(found: Plan) -> dict[str, Action]:
    return {change.key: change.action for change in found.writes}


def test_an_empty_target_needs_everything() -> None:
    desired = small_project()
    found = planned(World(), desired)
    assert {change.key for change in found.writes} == {key(r) for r in desired}
    assert set(writes(found).values()) == {Action.CREATE}


def test_a_second_deploy_changes_nothing() -> None:
    world = World()
    deploy(world, small_project())
    found = planned(world, small_project())
    assert not found.writes
    assert found.count(Action.KEEP) == len(small_project())


def test_a_changed_block_touches_its_function_and_the_seal_of_its_workflow() -> None:
    world = World()
    deploy(world, small_project())
    found = planned(world, small_project(sources={"load": "print(1)"}))
    assert writes(found) == {
        "function/daily-load": Action.UPDATE,
        "workflow/daily": Action.UPDATE,
    }
    change = found.writes[0]
    assert [field.name for field in change.fields] == ["bundle"]
    assert change.fields[0].was != change.fields[0].will
    assert change.reason == "bundle changed"


def test_a_removed_block_loses_its_function_after_the_workflow_has_switched() -> None:
    world = World()
    deploy(world, small_project())
    found = planned(world, small_project(blocks=("load",)))
    assert [(c.key, c.action) for c in found.writes] == [
        ("workflow/daily", Action.UPDATE),
        ("access/service/daily-clean", Action.DELETE),
        ("function/daily-clean", Action.DELETE),
    ]


def test_a_new_value_of_a_secret_reaches_the_functions_that_mount_it() -> None:
    world = World()
    deploy(world, small_project())
    found = planned(world, small_project(password="correct horse"))
    changes = {c.key: c.reason for c in found.writes}
    assert changes["secret/shop-PASSWORD"] == "new value"
    assert changes["function/daily-load"] == "new version of secret shop-PASSWORD"


def test_no_value_of_a_secret_is_in_a_plan() -> None:
    found = planned(World(), small_project(password="correct horse"))
    assert "correct horse" not in repr(found)
    assert "correct horse" not in str(found.to_json())


def test_a_secret_of_the_target_is_used_as_it_is_when_none_is_given() -> None:
    world = World()
    deploy(world, small_project())
    assert not planned(world, small_project(password=None)).writes


def test_a_thing_of_the_same_name_that_is_not_ours_is_refused() -> None:
    world = World()
    stranger = Live(Kind.FUNCTION, "daily-load", "daily-load", "other")
    world.items[stranger.key] = stranger
    with pytest.raises(Conflict, match=r"function daily-load .made for project other"):
        planned(world, small_project())


def test_a_function_whose_deploy_failed_is_made_again() -> None:
    world = World()
    deploy(world, small_project())
    name = "function/daily-load"
    for broken, action in ((False, Action.UPDATE), (True, Action.REPLACE)):
        world.items[name] = replace(world.items[name], ready=False, broken=broken)
        assert writes(planned(world, small_project()))[name] is action


def test_an_up_to_date_workflow_vouches_for_the_policies_of_its_functions() -> None:
    world = World()
    desired = small_project()
    deploy(world, desired)
    sealed = survey(world.cloud, OWNER, desired).sealed
    assert sealed == {"access/service/daily-load", "access/service/daily-clean"}
    changed = small_project(sources={"load": "print(1)"})
    assert not survey(world.cloud, OWNER, changed).sealed


def test_rights_that_somebody_added_are_shown_and_taken_back() -> None:
    world = World()
    deploy(world, small_project())
    name = "access/secret/shop-PASSWORD"
    wider = {**world.items[name].fields, "roles/owner allUsers": True}
    world.items[name] = replace(world.items[name], fields=wider)
    (change,) = planned(world, small_project()).writes
    assert change.key == name
    assert [(f.name, f.was, f.will) for f in change.fields] == [
        ("roles/owner allUsers", True, None)
    ]


def test_a_plan_for_one_pipeline_leaves_the_others_alone() -> None:
    world = World()
    deploy(world, small_project())
    found = planned(world, [])
    assert found.only(["weekly"]).writes == ()
    assert {c.key for c in found.only(["daily"]).writes} >= {"workflow/daily"}


def test_a_teardown_deletes_ours_and_keeps_buckets_unless_told() -> None:
    world = World()
    deploy(world, small_project())
    stranger = Live(Kind.FUNCTION, "theirs", "theirs", "other")
    world.items[stranger.key] = stranger
    holdings = survey(world.cloud, OWNER, [])
    kept = teardown(OWNER, holdings, with_buckets=False)
    assert kept.changes[0].key == "workflow/daily"
    assert not {c.key for c in kept.changes} & {"function/theirs", "bucket/shop-bucket"}
    assert "shop-bucket" in kept.notes[0]
    everything = teardown(OWNER, holdings, with_buckets=True)
    assert everything.changes[-1].key == "bucket/shop-bucket"
