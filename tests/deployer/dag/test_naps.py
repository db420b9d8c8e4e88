"""The formula for a wait against naps taken one by one, as a definition takes them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from deployer.dag.naps import FIRST_NAP, LONGEST_NAP, NAP_GROWTH, waited


@given(st.floats(0.001, 100_000))
def test_a_wait_ends_with_the_nap_in_which_it_could(seconds: float) -> None:
    slept, pause = 0.0, FIRST_NAP
    while slept < seconds * (1 - 1e-9):
        slept, pause = slept + pause, min(pause * NAP_GROWTH, LONGEST_NAP)
    assert waited(seconds) == approx(slept, rel=1e-6, abs=LONGEST_NAP if seconds > 14_000 else 0)
    assert waited(seconds) <= max(seconds * NAP_GROWTH + FIRST_NAP, seconds + LONGEST_NAP)


def test_who_need_not_wait_does_not() -> None:
    assert waited(0) == waited(-1) == 0
