"""Records: what `dataclasses` would make of the same class, and what it would refuse."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from runtime.record import field, fields, mutable, record, replace


@record
class Place:
    """A base: its fields come first."""

    name: str

    @property
    def loud(self) -> str:
        return self.name.upper()


@record
class City(Place):
    people: int = 0
    tags: list[str] = field(default_factory=list)


@mutable
class Counter:
    count: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Model:
    """What a City is, as the standard library has it."""

    name: str
    people: int = 0
    tags: list[str] = dataclasses.field(default_factory=list)


def test_values_are_given_by_place_by_name_and_by_default() -> None:
    assert City("Bern", 7, ["old"]) == City("Bern", tags=["old"], people=7)
    assert City("Bern") == City(name="Bern", people=0, tags=[])
    assert fields(City) == fields(City("Bern")) == ("name", "people", "tags")
    assert City("Bern").loud == "BERN"


def test_a_made_default_is_not_shared() -> None:
    City("Bern").tags.append("old")
    assert City("Bern").tags == []


@pytest.mark.parametrize(
    ("args", "given"),
    [
        ((), {}),
        ((), {"people": 1}),
        (("Bern", 1, [], 2), {}),
        (("Bern",), {"name": "Bern"}),
        (("Bern",), {"height": 540}),
        (("Bern", 1, []), {"tags": []}),
    ],
)
def test_what_a_dataclass_refuses_is_refused(args: Any, given: dict[str, Any]) -> None:
    for make in (Model, City):
        with pytest.raises(TypeError):
            make(*args, **given)


def test_a_refusal_names_fields_and_shows_no_value() -> None:
    with pytest.raises(TypeError, match=r"City.__init__\(\) missing .* 'name'"):
        City(people=4711)
    with pytest.raises(TypeError, match="'height'") as error:
        City("secret", height="secret")
    assert "secret" not in str(error.value)


def test_a_record_is_not_changed() -> None:
    bern = City("Bern")
    for change in (lambda: setattr(bern, "people", 1), lambda: delattr(bern, "people")):
        with pytest.raises(AttributeError, match="people"):
            change()
    with pytest.raises(AttributeError):
        bern.height = 540


def test_a_mutable_one_is_and_has_no_hash() -> None:
    counter = Counter()
    counter.count += 1
    assert counter == Counter(1) != Counter(2)
    with pytest.raises(TypeError, match="unhashable"):
        hash(counter)


def test_it_reads_and_compares_as_a_dataclass_does() -> None:
    assert repr(City("Bern", 7)) == repr(Model("Bern", 7)).replace("Model", "City")
    assert hash(Place("Bern")) == hash(Place("Bern"))
    assert City("Bern") != Model("Bern")
    assert Place("Bern") != City("Bern")
    match City("Bern", 7):
        case City(name, people):
            assert (name, people) == ("Bern", 7)


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))]
)
def test_it_is_copied_and_pickled(again: Callable[[City], City]) -> None:
    assert again(City("Bern", 7, ["old"])) == City("Bern", 7, ["old"])


def test_replacing_leaves_the_first_one_alone() -> None:
    bern = City("Bern", 7)
    assert replace(bern, people=8) == City("Bern", 8)
    assert bern.people == 7
