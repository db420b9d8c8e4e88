"""Policies as lists of grants, and whose they are."""

from __future__ import annotations

from deployer.gcp.access import bindings, grants, strangers
from deployer.resources import Access, Grant

OURS = "serviceAccount:daily-run@p.iam.gserviceaccount.com"
OLD = "serviceAccount:gone-run@p.iam.gserviceaccount.com"
EVE = {"role": "roles/viewer", "members": ["user:eve@x.org"], "condition": {"title": "hers"}}


def test_grants_and_bindings_are_each_others_inverse() -> None:
    wanted = [Grant("roles/a", "m1"), Grant("roles/a", "m2"), Grant("roles/a", "m2", "x == 1")]
    policy = {"bindings": bindings(wanted)}
    assert len(policy["bindings"]) == 2
    assert grants(policy) == sorted(wanted)


def test_only_our_members_are_taken_out_of_a_shared_policy() -> None:
    mixed = {"role": "roles/logging.logWriter", "members": [OURS, OLD, "user:eve@x.org"]}
    access = Access("project", "p", (Grant("roles/logging.logWriter", OURS),))
    kept = strangers(access, {"bindings": [EVE, mixed]}, {OLD})
    assert kept == [EVE, {**mixed, "members": ["user:eve@x.org"]}]


def test_a_policy_of_our_own_thing_is_all_ours() -> None:
    access = Access("service", "daily-load", ())
    assert strangers(access, {"bindings": [EVE]}, set()) == []
