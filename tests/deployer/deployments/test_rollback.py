"""Deployments on a cloud in a dict: written down, gone back to, overtaken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from deployer.apply import Applied
from deployer.deploying import DESTROY, Deployer, Manner
from deployer.deployments.history import Kept
from deployer.deployments.journal import Journal
from deployer.deployments.rollback import alone, chosen, things_of, way_back
from deployer.errors import Conflict, NotAllowed, UsageError
from deployer.live import Live, survey
from deployer.pace import Pace, Patience
from deployer.plan import Plan, plan, teardown
from deployer.resources import Access, Function, Kind, Resource
from tests.deployer.fakes import OWNER, World, small_project
from tests.deployer.shelf import Shelf

HASTE = Pace(workers=4, patience=Patience(0, 0, tries=2))


class Site:
    """One project in one fake target, with its journal."""

    def __init__(self) -> None:
        self.world, self.shelf = World(), Shelf()
        self.journal = Journal(self.shelf, OWNER)
        self.deployer = Deployer(
            self.journal, self.world.cloud, HASTE, Path("/nowhere"), OWNER, "shop-bucket"
        )

    def plan(self, desired: Sequence[Resource]) -> Plan:
        return plan(OWNER, desired, survey(self.world.cloud, OWNER, desired))

    def perform(
        self, found: Plan, manner: Manner | None = None, seen: int | None = None
    ) -> Applied:
        self.world.forget()
        return self.deployer.perform(found, seen, lambda _: None, manner or Manner())

    def deploy(self, *words: object, **more: object) -> Applied:
        return self.perform(self.plan(small_project(*words, **more)))

    def way_back(self, to: int | None = None, *pipelines: str) -> Plan:
        things = alone(things_of(chosen(self.journal, to), pipelines))
        wanted = [thing.resource for thing in things]
        return way_back(OWNER, things, survey(self.world.cloud, OWNER, wanted))

    def back(self, to: int | None = None, *pipelines: str) -> Plan:
        found = self.way_back(to, *pipelines)
        number = chosen(self.journal, to).number
        self.perform(found, Manner("rollback", number))
        return found

    def bundle(self, block: str = "load") -> str:
        return self.world.serving[f"daily-{block}"]


@pytest.fixture
def site() -> Site:
    return Site()


def test_each_deployment_is_written_down_with_what_it_left(site: Site) -> None:
    site.deploy()
    (only,) = site.journal.list(10)
    assert (only.number, only.purpose, bool(only.ended)) == (1, "deploy", True)
    assert "create function/daily-load" in only.changes
    state = only.to_json()["pipelines"]["daily"]
    assert set(state["functions"]) == {"daily-load", "daily-clean"}
    assert site.shelf.read(site.journal.lock) is None


def test_no_value_of_a_secret_is_written_down(site: Site) -> None:
    site.deploy(password="planted-value")
    assert not [name for name, data in site.shelf.objects.items() if b"planted-value" in data]


def test_a_failed_deployment_is_written_down_as_not_finished(site: Site) -> None:
    site.world.fault = lambda call: NotAllowed("no") if call == "put workflow/daily" else None
    assert site.deploy().failed
    site.world.fault = lambda _: None
    assert [one.ended for one in site.journal.list(10)] == [""]
    with pytest.raises(UsageError, match="nothing is deployed"):
        chosen(site.journal, None)


def test_the_way_back_restores_code_and_definition_and_writes_the_definition_last(
    site: Site,
) -> None:
    site.deploy()
    first = site.bundle()
    site.deploy(sources={"load": "second"})
    assert site.bundle() != first
    found = site.back()
    assert site.bundle() == first
    assert site.world.writes[-1] == "put workflow/daily"
    assert [c.key for c in found.writes] == ["function/daily-load", "workflow/daily"]


def test_after_a_way_back_the_plan_goes_forward_again(site: Site) -> None:
    site.deploy()
    site.deploy(sources={"load": "second"})
    site.back()
    again = site.plan(small_project(sources={"load": "second"}))
    assert {c.key for c in again.writes} == {"function/daily-load", "workflow/daily"}
    site.perform(again)
    assert not site.plan(small_project(sources={"load": "second"})).writes


def test_a_block_that_was_removed_since_is_built_again_from_what_was_kept(site: Site) -> None:
    site.deploy()
    site.deploy(blocks=("load",))
    assert "function/daily-clean" not in site.world.items
    found = site.back()
    assert "function/daily-clean" in site.world.items
    assert "access/service/daily-clean" in site.world.items
    made = next(c.resource for c in found.writes if c.key == "function/daily-clean")
    assert isinstance(made, Function)
    assert isinstance(made.bundle, Kept)
    assert made.bundle.zip_bytes().startswith(b"PK")


def test_back_twice_goes_back_twice(site: Site) -> None:
    seen = []
    for text in ("one", "two", "three"):
        site.deploy(sources={"load": text})
        seen.append(site.bundle())
    site.back()
    assert site.bundle() == seen[1]
    site.back()
    assert site.bundle() == seen[0]
    site.back(3)
    assert site.bundle() == seen[2]
    assert [(d.purpose, d.back_to) for d in site.journal.list(3)] == [
        ("rollback", 3),
        ("rollback", 1),
        ("rollback", 2),
    ]


def test_what_cannot_be_gone_back_to_is_told(site: Site) -> None:
    with pytest.raises(UsageError, match="nothing is deployed"):
        chosen(site.journal, None)
    site.deploy()
    with pytest.raises(UsageError, match="no earlier deployment"):
        chosen(site.journal, None)
    with pytest.raises(UsageError, match="no deployment 9"):
        chosen(site.journal, 9)
    with pytest.raises(UsageError, match="no pipeline weekly"):
        things_of(chosen(site.journal, 1), ["weekly"])
    gone = teardown(OWNER, survey(site.world.cloud, OWNER, ()), with_buckets=False)
    site.perform(gone, Manner(DESTROY))
    with pytest.raises(UsageError, match="nothing is deployed"):
        chosen(site.journal, 1)


def test_a_plan_that_another_deployment_overtook_is_refused_or_made_anew(site: Site) -> None:
    site.deploy()
    stale = site.plan(small_project(sources={"load": "mine"}))
    site.deploy(sources={"load": "theirs"})
    with pytest.raises(Conflict, match="deployment 2 was made since"):
        site.perform(stale, seen=1)
    anew: Callable[[], Plan] = lambda: site.plan(small_project(sources={"load": "mine"}))  # noqa: E731
    assert not site.perform(stale, Manner(replan=anew), seen=1).failed
    assert not site.plan(small_project(sources={"load": "mine"})).writes


def test_functions_are_what_a_deployment_needs_to_be_gone_back_to(site: Site) -> None:
    site.deploy()
    first = site.journal.read(1)
    assert first
    kinds = {thing.resource.kind for thing in first.things}
    assert kinds == {Kind.FUNCTION, Kind.ACCESS, Kind.WORKFLOW}


def test_the_way_back_brings_back_the_right_to_read_a_secret(site: Site) -> None:
    before = small_project()
    site.perform(site.plan(before))
    site.perform(site.plan([without_secrets(one) for one in before if not of_secret(one)]))
    assert not any(of_secret(live) for live in site.world.items.values())
    found = site.back()
    (change,) = [one for one in found.writes if one.key == "access/secret/shop-PASSWORD"]
    assert change.action == "create"
    assert isinstance(change.resource, Access)
    assert change.resource.about == ("serviceAccount:daily-run@p",), "of nobody else's rights"
    assert f"access/secret/{change.resource.id}" in site.world.items


def test_a_secret_that_is_gone_is_not_in_the_way_back(site: Site) -> None:
    site.perform(site.plan(small_project()))
    site.deploy(sources={"load": "second"})
    del site.world.items["secret/shop-PASSWORD"], site.world.items["access/secret/shop-PASSWORD"]
    assert not any("secret" in change.key for change in site.way_back().writes)


def of_secret(thing: Resource | Live) -> bool:
    return thing.kind is Kind.ACCESS and thing.name.startswith("secret/")


def without_secrets(one: Resource) -> Resource:
    needs = frozenset(need for need in one.needs if "secret" not in need)
    return replace(one, secrets=(), needs=needs) if isinstance(one, Function) else one
