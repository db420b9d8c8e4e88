"""When a global data product is outdated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from runtime.products import is_outdated

NOW = datetime(2024, 3, 13, 12, 20, 30, tzinfo=UTC)
"""A Wednesday, the second week of its month, the eleventh of its year."""
HOUR = {"outdated_after": {"seconds": 3600}}


@pytest.mark.parametrize(
    ("age", "product", "outdated"),
    [
        (None, {}, True),  # it was never made
        (timedelta(days=900), {}, False),  # made once, and nothing says how long it holds
        (timedelta(minutes=59), HOUR, False),
        (timedelta(minutes=61), HOUR, True),
        (timedelta(days=6), {"outdated_after": {"weeks": 1}}, False),
        (timedelta(days=32), {"outdated_after": {"months": 1}}, True),
    ],
)
def test_it_is_outdated_by_age(age: timedelta | None, product: dict, outdated: bool) -> None:
    assert is_outdated(product, NOW - age if age else None, NOW) is outdated


@pytest.mark.parametrize(
    ("starting", "outdated"),
    [
        ({"hour_of_day": 12, "minute_of_hour": 15}, True),
        ({"hour_of_day": 12, "minute_of_hour": 21}, False),
        ({"day_of_week": 3}, True),
        ({"day_of_week": 4}, False),
        ({"week_of_month": 3}, True),
        ({"week_of_month": 4}, False),
        ({"week_of_year": 11, "day_of_year": 73, "month_of_year": 3, "day_of_month": 13}, True),
        ({"second_of_minute": 31}, False),
    ],
)
def test_it_is_made_again_only_from_a_time_on(starting: dict, outdated: bool) -> None:
    product = HOUR | {"outdated_starting_at": starting}
    assert is_outdated(product, NOW - timedelta(days=2), NOW) is outdated
