"""The keepers over HTTP, by Google's own clients, against a real emulator."""

from __future__ import annotations

import pytest

from deployer.errors import Conflict
from deployer.gcp.connect import connect
from deployer.live import Live, Work
from deployer.resources import Access, Grant, Kind
from tests.deployer.sites import Site, project, site


def test_a_project_is_deployed_runs_changes_and_goes(emulator: str) -> None:
    shop = site(emulator, "shop")
    assert not shop.deploy(project(shop)).failed
    assert shop.run() == {"password": "hunter2", "says": "hello"}
    assert not shop.plan(project(shop)).writes

    changed = shop.plan(project(shop, says="bye", export=False))
    assert [(c.action, c.key) for c in changed.writes] == [
        ("update", "function/shop-daily-load"),
        ("update", "workflow/shop-daily"),
        ("delete", "function/shop-daily-export"),
    ]
    assert not shop.deploy(project(shop, says="bye", export=False)).failed
    assert shop.run() == {"password": "hunter2", "says": "bye"}

    assert not shop.destroy().failed
    assert shop.keys() == set()


def test_a_new_secret_version_reaches_the_function_without_a_build(emulator: str) -> None:
    shop = site(emulator, "keys")
    shop.deploy(project(shop))
    assert not shop.deploy(project(shop, password="correct horse")).failed
    assert shop.run() == {"password": "correct horse", "says": "hello"}
    assert not shop.plan(project(shop, password="correct horse")).writes
    shop.destroy()


def test_other_peoples_things_are_neither_changed_nor_deleted(emulator: str) -> None:
    theirs, ours = site(emulator, "theirs"), site(emulator, "ours")
    theirs.deploy(project(theirs))
    before = theirs.holdings().items
    ours.deploy(project(ours))
    ours.destroy()
    assert theirs.holdings().items == before
    assert not theirs.plan(project(theirs)).writes
    theirs.destroy()


def test_a_function_of_the_same_name_is_not_taken_over(emulator: str) -> None:
    first = site(emulator, "first")
    first.deploy(project(first))
    second = site(emulator, "first")
    second.owner = "second"
    second.clients = connect(second.target, "second")
    with pytest.raises(Conflict, match="made for project first"):
        second.plan(project(first))
    wanted = next(r for r in project(first) if r.kind is Kind.FUNCTION)
    with pytest.raises(Conflict):
        second.clients.cloud[Kind.FUNCTION].put(wanted, None, work_of(first))
    first.destroy()


def work_of(of: Site) -> Work:
    return Work(of.holdings().known)


def test_bindings_of_others_in_a_policy_stay(emulator: str) -> None:
    shop = site(emulator, "policy")
    shop.deploy(project(shop))
    policies = shop.clients.cloud[Kind.ACCESS]
    bucket = Access(
        "bucket", shop.target.bucket, (Grant("roles/storage.objectViewer", "user:eve@x.org"),)
    )
    policy = policies.read(bucket)
    stranger = {"role": "roles/storage.objectViewer", "members": ["user:eve@x.org"]}
    policies.write(bucket, {**policy, "bindings": [*policy["bindings"], stranger]})
    shop.deploy(project(shop))
    policies.drop(Live(Kind.ACCESS, bucket.name, bucket.name, "policy"))
    assert policies.read(bucket)["bindings"] == [stranger]
    shop.destroy()
