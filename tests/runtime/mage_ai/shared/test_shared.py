"""Helpers that blocks import now and then, under Mage's names."""

from __future__ import annotations

from typing import Any

import pytest

from runtime.mage_ai.shared import array, enum
from runtime.mage_ai.shared.hash import flatten_dict, get_safe_value
from runtime.mage_ai.shared.retry import retry


def test_lists() -> None:
    assert array.find(lambda n: n > 1, [1, 2, 3]) == 2
    assert array.find(lambda n: n > 9, [1]) is None
    assert array.find_index(lambda n: n == 3, [1, 2, 3]) == 2
    assert array.find_index(lambda n: n == 9, [1]) == -1
    assert array.unique_by([(1, "a"), (1, "b"), (2, "c")], lambda p: p[0]) == [(1, "a"), (2, "c")]
    assert list(array.batch([1, 2, 3], 2)) == [[1, 2], [3]]
    assert array.flatten([[1], 2, [3]]) == [1, 2, 3]
    assert array.difference([1, 2, 3], [2]) == [1, 3]


def test_dicts() -> None:
    assert flatten_dict({"a": {"b": 1, "c": {"d": 2}}, "e": {}}) == {"a.b": 1, "a.c.d": 2, "e": {}}
    assert get_safe_value({"a": None}, "a", 3) == 3
    assert get_safe_value(None, "a") is None


def test_members_of_an_enumeration_are_texts() -> None:
    class Colour(enum.StrEnum):
        RED = "red"

    assert f"{Colour.RED}" == "red"


def test_what_is_tried_again_and_when_no_more() -> None:
    calls: list[int] = []

    def fails() -> None:
        calls.append(1)
        raise ConnectionError("no")

    cases: list[tuple[dict[str, Any], int]] = [
        ({"retries": 2, "delay": 0}, 3),
        ({"retries": 0}, 1),
        ({"retries": 9, "delay": 70, "max_delay": 60}, 1),
    ]
    for options, count in cases:
        calls.clear()
        with pytest.raises(ConnectionError):
            retry(**options)(fails)()
        assert len(calls) == count
    assert retry()(lambda n: n + 1)(1) == 2
