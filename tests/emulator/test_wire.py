from __future__ import annotations

import pytest
from starlette.requests import Request

from emulator.errors import ApiError
from emulator.wire import apply_mask, camel, mask_of, page


def request(query: str = "") -> Request:
    return Request({"type": "http", "query_string": query.encode(), "headers": []})


def test_pages_follow_one_another() -> None:
    items, seen, token = list(range(7)), [], ""
    while True:
        answer = page(request(f"pageSize=3&pageToken={token}"), items, "items")
        seen += answer["items"]
        token = answer.get("nextPageToken", "")
        if not token:
            break
    assert seen == items


@pytest.mark.parametrize("query", ["pageSize=-1", "pageSize=x", "pageToken=x"])
def test_pages_that_are_none(query: str) -> None:
    with pytest.raises(ApiError):
        page(request(query), [1], "items")


def test_masks_are_camel_cased() -> None:
    assert camel("service_config.max_instance_count") == "serviceConfig.maxInstanceCount"
    assert mask_of(request("updateMask=labels,service_config.x_y"), {}) == [
        "labels",
        "serviceConfig.xY",
    ]
    assert mask_of(request(), {"a": 1}) == ["a"]
    assert mask_of(request("updateMask=*"), {"a": 1}) == ["a"]


def test_a_mask_copies_and_clears() -> None:
    target = {"a": 1, "b": {"c": 2, "d": 3}}
    apply_mask(target, {"b": {"c": 9}}, ["a", "b.c", "b.d", "e.f"])
    assert target == {"b": {"c": 9}, "e": {}}
