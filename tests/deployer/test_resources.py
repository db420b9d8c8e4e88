"""Digests, placeholders and seals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deployer.resources import Function, Workflow, digest, key, resolved, seal
from tests.deployer.fakes import small_project

KNOWN = {"secret/shop-PASSWORD": "3"}


def load() -> Function:
    return next(r for r in small_project() if isinstance(r, Function))


def sealed(known: dict[str, str], **sources: str) -> str:
    resources = {key(r): r for r in small_project(sources=sources)}
    workflow = resources["workflow/daily"]
    assert isinstance(workflow, Workflow)
    return seal(workflow, resources, known)


def test_a_digest_fits_a_label_and_says_nothing_of_values() -> None:
    assert len(digest(load(), KNOWN)) == 40
    assert "hunter2" not in repr(small_project())


def test_a_placeholder_stands_for_a_version_until_it_is_known() -> None:
    assert resolved(load().fields(), KNOWN)["secret.PASSWORD"] == "3"
    with pytest.raises(KeyError):
        digest(load(), {})


@pytest.mark.parametrize(
    "change", [{"name": "other"}, {"account": "a@b"}, {"public": True}, {"secrets": ()}]
)
def test_whatever_is_sent_is_in_the_digest(change: dict[str, object]) -> None:
    assert digest(load(), KNOWN) != digest(replace(load(), **change), KNOWN)  # type: ignore[arg-type]


def test_a_seal_vouches_for_code_and_versions_below() -> None:
    assert sealed(KNOWN) == sealed(KNOWN)
    assert sealed(KNOWN) != sealed(KNOWN, load="changed")
    assert sealed(KNOWN) != sealed({"secret/shop-PASSWORD": "4"})
