"""What of a journal stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deployer.deployments.history import Thing
from deployer.deployments.journal import Journal, draft
from deployer.deployments.pruning import prune
from deployer.options import Options
from deployer.resources import Function
from tests.deployer.fakes import OWNER, code
from tests.deployer.shelf import Shelf


@pytest.fixture
def journal() -> Journal:
    return Journal(Shelf(), OWNER)


def deployed(journal: Journal, text: str, back_to: int = 0, well: bool = True) -> int:
    """The number of a deployment that left a function of this text."""
    begun = journal.begin(draft(Path("/nowhere"), "deploy", (), back_to))
    if well:
        made = Function("daily-load", "daily/load", code(text), Options(), "run@p")
        journal.finish(replace(begun, things=(Thing(made),)))
    return begun.number


def test_the_newest_stay_with_their_files_and_the_others_go(journal: Journal) -> None:
    for number in range(10):
        deployed(journal, f"version {number % 8}", well=number != 1)
    prune(journal, kept=3, slack=2)
    assert journal.numbers() == {8: True, 9: True, 10: True}
    assert len(journal.notes.names(journal.file(""))) == 3
    for number in journal.numbers():
        there = journal.read(number)
        assert there
        assert there.things[0].resource.bundle.zip_bytes()


def test_a_few_more_are_not_worth_the_calls(journal: Journal) -> None:
    for number in range(5):
        deployed(journal, f"version {number}")
    prune(journal, kept=3, slack=2)
    assert len(journal.numbers()) == 5


def test_what_the_way_back_needs_stays(journal: Journal) -> None:
    for number in range(8):
        deployed(journal, f"version {number + 1}")
    deployed(journal, "version 3", back_to=3)
    prune(journal, kept=2, slack=1)
    assert journal.numbers() == {2: True, 3: True, 8: True, 9: True}


def test_a_number_is_never_given_twice(journal: Journal) -> None:
    for number in range(8):
        deployed(journal, f"version {number}")
    prune(journal, kept=1, slack=0)
    assert deployed(journal, "one more") == 9
