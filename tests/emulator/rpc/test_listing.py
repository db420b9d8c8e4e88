"""Pages, order and enums."""

import pytest

from emulator.errors import ApiError
from emulator.rpc.listing import enum, ordered, page

FIELDS = {"a": lambda r: r["a"], "b": lambda r: r["b"]}


def test_pages_follow_one_another_to_the_end() -> None:
    items, found, token = list(range(7)), [], None
    while token != "":
        answer = page({"pageSize": "3", "pageToken": token}, items, "items", default=2, most=5)
        found.append(answer["items"])
        token = answer.get("nextPageToken", "")
    assert found == [[0, 1, 2], [3, 4, 5], [6]]


def test_sizes_have_a_default_and_a_limit() -> None:
    items = list(range(9))
    assert len(page({}, items, "items", default=2, most=5)["items"]) == 2
    assert len(page({"pageSize": 100}, items, "items", default=2, most=5)["items"]) == 5
    for wrong in ({"pageSize": -1}, {"pageSize": "x"}, {"pageToken": "?"}):
        with pytest.raises(ApiError):
            page(wrong, items, "items", default=2, most=5)


def test_order_by_several_fields() -> None:
    records = [{"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 2}]
    assert [(r["a"], r["b"]) for r in ordered(records, "b desc, a", FIELDS)] == [
        (1, 2),
        (1, 1),
        (2, 1),
    ]
    for wrong in ("c", "a up", "a desc desc"):
        with pytest.raises(ApiError):
            ordered(records, wrong, FIELDS)


def test_enums_come_as_names_and_as_numbers() -> None:
    names = ("UNSPECIFIED", "BASIC", "FULL")
    assert [enum(v, names, "view") for v in (None, 0, "UNSPECIFIED", "2", 1, "FULL")] == [
        "", "", "", "FULL", "BASIC", "FULL",
    ]  # fmt: skip
    for wrong in ("HALF", 3, "3"):
        with pytest.raises(ApiError, match="Invalid value at 'view'"):
            enum(wrong, names, "view")
