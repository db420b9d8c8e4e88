"""What is written down of past runs, and that it stays while little changes."""

from __future__ import annotations

from deployer.model import BlockId
from deployer.runs.durations import settled, text_of

LOAD, CLEAN, GONE = map(BlockId, ("load", "clean", "gone"))


def test_new_blocks_are_written_and_blocks_that_are_gone_left_out() -> None:
    found = settled([LOAD, CLEAN], {GONE: 3.0}, {LOAD: 12.345, CLEAN: 0.01})
    assert found == {LOAD: 12.0, CLEAN: 0.1}


def test_a_value_stays_until_it_is_half_wrong() -> None:
    for seconds, kept in ((14.9, 10.0), (7.0, 10.0), (16.0, 16.0), (6.0, 6.0)):
        assert settled([LOAD], {LOAD: 10.0}, {LOAD: seconds}) == {LOAD: kept}


def test_what_did_not_run_lately_keeps_what_is_written() -> None:
    assert settled([LOAD], {LOAD: 10.0}, {}) == {LOAD: 10.0}
    assert settled([LOAD], {}, {}) == {}


def test_the_file_says_who_wrote_it() -> None:
    text = text_of({LOAD: 10.0, BlockId("a/b: c"): 0.5})
    assert text.startswith("# What blocks usually take")
    assert text.splitlines()[2:] == ['"load": 10', '"a/b: c": 0.5']
