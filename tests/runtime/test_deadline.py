"""How long a block may still run."""

from __future__ import annotations

import time

import pytest

from runtime.deadline import left, within
from runtime.errors import BlockTimeout


def test_without_a_deadline_the_block_has_its_own_time() -> None:
    assert left(None, None) is None
    assert left(5, None) == 5


def test_the_shorter_of_both_counts() -> None:
    assert left(5, time.time() + 100) == 5
    assert 90 < (left(None, time.time() + 100) or 0) <= 100
    assert (left(500, time.time() + 100) or 0) <= 100


def test_after_the_deadline_nothing_runs_for_long() -> None:
    with pytest.raises(BlockTimeout):
        within(left(None, time.time() - 1), lambda: time.sleep(0.2))
