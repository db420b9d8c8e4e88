"""Words and numbers as people read them."""

from __future__ import annotations

import pytest

from deployer.cli.console import plural, took


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0042, "0.00 s"), (3.14159, "3.14 s"), (42.42, "42.4 s"), (125, "2 min 05 s")],
)
def test_seconds_have_the_digits_that_matter(seconds: float, text: str) -> None:
    assert took(seconds) == text


def test_counts_have_their_plural() -> None:
    assert [plural(n, "row") for n in (0, 1, 4000)] == ["0 rows", "1 row", "4,000 rows"]
