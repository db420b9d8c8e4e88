from __future__ import annotations

from typing import Any

import pytest

from studio.server.warehouse import value_of


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ({"v": "1"}, "1"),
        ({"v": None}, None),
        ({"v": [{"v": "a"}, {"v": "b"}]}, ["a", "b"]),
        ({"v": {"f": [{"v": "x"}, {"v": [{"v": "y"}]}]}}, ["x", ["y"]]),
    ],
)
def test_records_and_repeated_fields_are_unpacked(cell: Any, value: Any) -> None:
    assert value_of(cell) == value
