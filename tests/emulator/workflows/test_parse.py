"""Whatever is written, the answer is a program or an orderly list of mistakes.

BLOCKLIFT_FUZZ sets how many examples each test tries.
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.workflows.effects import Failed, Succeeded
from emulator.workflows.parse import parse
from emulator.workflows.source import SourceError
from emulator.workflows.syntax import Program
from emulator.workflows.yaml_source import LARGE, QuickLoader, is_plain
from tests.emulator.workflows.playing import play

COUNT = int(os.environ.get("BLOCKLIFT_FUZZ", "150"))
fuzz = settings(max_examples=COUNT, deadline=None, suppress_health_check=list(HealthCheck))

WORDS = """main params steps assign call args result switch condition next for value index in range
parallel shared branches try retry except as raise return end break continue x y e http.get
sys.now text.split ${x} ${x+1} ${ } ${1+} ${len(} "${[1,2]}" yes 0777 {} [] null true 1 -1 1.5
concurrency_limit exception_policy continueAll predicate max_retries backoff &a *a <<: ! | > # \t
""".split()  # noqa: SIM905  # reads better
TOKENS = """a b x.y x[0] f( ) [ ] ( + - * / // % == != < <= > >= in not and or , . " "s" ' 1 2.5 1e9
true null ${ } { \\ len( map.get( sys.now( http.get( 99999999999999999999 é 日 \n""".split()  # noqa: SIM905

VALID = {
    "main": {
        "params": ["a"],
        "steps": [
            {"s1": {"assign": [{"x": "${a}"}, {"m": {"k": [1, "${x}"]}}]}},
            {"s2": {"switch": [{"condition": "${x == 1}", "next": "s4"}]}},
            {"s3": {"for": {"value": "v", "in": [1], "steps": [{"s5": {"next": "continue"}}]}}},
            {"s4": {"try": {"call": "sub"}, "retry": {"max_retries": 1},
                    "except": {"as": "e", "steps": [{"s6": {"raise": "${e}"}}]}}},
            {"s7": {"parallel": {"shared": ["x"], "branches": [
                {"b1": {"steps": [{"s8": {"assign": [{"x": 1}]}}]}},
                {"b2": {"steps": [{"s9": {"call": "sys.now", "result": "x"}}]}}]}}},
            {"s10": {"return": "${x}"}},
        ],
    },
    "sub": {"steps": [{"r": {"return": 1}}]},
}  # fmt: skip


def orderly(source: str) -> Program | None:
    """Every mistake is a SourceProblem with a place inside the source."""
    try:
        return parse(source)
    except SourceError as error:
        assert error.problems
        lines = source.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
        for problem in error.problems:
            assert problem.message
            assert 1 <= problem.line <= lines + 1
            assert problem.column >= 1
        return None


@fuzz
@given(st.text())
def test_any_text(source: str) -> None:
    orderly(source)


@fuzz
@given(
    st.lists(
        st.sampled_from([*WORDS, ":", "-", "\n", ",", "{", "}", "[", "]", "\n  ", "\n    - ", ": "])
    )
)
def test_words_of_the_language_in_any_order(parts: list[str]) -> None:
    orderly(" ".join(parts))


@fuzz
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(WORDS), inner),
        max_leaves=30,
    )
)
def test_any_tree(tree: Any) -> None:
    orderly(json.dumps(tree))


@fuzz
@given(st.data())
def test_a_valid_program_with_something_broken(data: st.DataObject) -> None:
    source = json.dumps(VALID, indent=data.draw(st.sampled_from([None, 1])))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(source)))
        cut = data.draw(st.integers(0, 12))
        source = (
            source[:at]
            + data.draw(st.sampled_from(["", "x", "${", "}", *WORDS]))
            + source[at + cut :]
        )
    orderly(source)


@fuzz
@given(st.lists(st.sampled_from(TOKENS), max_size=30))
def test_any_expression(parts: list[str]) -> None:
    """What parses also runs to an outcome."""
    source = json.dumps([{"a": {"return": "${" + " ".join(parts) + "}"}}])
    program = orderly(source)
    if program is not None:
        assert isinstance(play(program, None, lambda _: 1.5), Succeeded | Failed)


def test_deep_nesting_is_an_orderly_mistake() -> None:
    for source in (
        "[" * 5000,
        "- " * 5000,
        '{"a":' * 5000,
        "- a: {return: " + "[" * 3000 + "]" * 3000 + "}",
    ):
        assert orderly(source) is None
    deep = "${" + "(" * 190 + "1" + ")" * 190 + "}"
    assert orderly(json.dumps([{"a": {"return": deep}}])) is not None
    assert orderly(json.dumps([{"a": {"return": "${" + "-" * 395 + "x}"}}])) is None


def test_yaml_and_json_are_the_same_program() -> None:
    source = """
main:
  params: [a]
  steps:
    - s1: {assign: [{x: "${a + 1}"}, {m: {k: [1, "${x}", text]}}]}
    - s2:
        return: ${m}
"""
    twin = {"main": {"params": ["a"], "steps": [
        {"s1": {"assign": [{"x": "${a + 1}"}, {"m": {"k": [1, "${x}", "text"]}}]}},
        {"s2": {"return": "${m}"}},
    ]}}  # fmt: skip
    assert parse(source) == parse(json.dumps(twin)) == parse(json.dumps(twin, indent=4))


def test_a_source_may_have_128_kilobytes() -> None:
    step = "- s%d: {assign: [{x: %s}]}\n"
    small = "".join(step % (n, "a" * 100) for n in range(900))
    assert len(parse(small).routine("main").steps) == 900
    assert orderly(small + "#" * 128 * 1024) is None


def test_a_source_far_too_large_is_refused_unread() -> None:
    source = f"main:\n  steps:\n  - a:\n      return: '{'x' * 10_000_000}'\n  - a: {{}}\n"
    began = time.perf_counter()
    with pytest.raises(SourceError) as caught:
        parse(source)
    assert time.perf_counter() - began < 1
    assert [p.message for p in caught.value.problems] == [
        f"source has {len(source)} bytes, at most 131072 are allowed"
    ]


LONG = "".join(f'- s{n}:\n    assign: [{{x: "${{{n} + 1}}"}}, {{é{n}: yes}}]\n' for n in range(200))


@pytest.mark.parametrize(
    "ending", ["", "- t: &anchor {return: 1}\n", "- t: !!int 1\n", "- {a: [}\n"]
)
def test_large_sources_are_read_as_small_ones(ending: str) -> None:
    """By another scanner, to the same mistakes in the same places."""
    source = LONG + ending
    assert len(source) > LARGE
    assert QuickLoader is not None
    with pytest.raises(SourceError) as quick:
        parse(source)
    with pytest.raises(SourceError) as slow:
        parse(source.rstrip("\n"))  # PyYAML's own, since there is no last line break
    found = [(p.message, p.line, p.column) for p in quick.value.problems]
    assert found == [(p.message, p.line, p.column) for p in slow.value.problems]
    assert found


@pytest.mark.parametrize("text", ["a\t: 1\n", "a?: 1\n", "\ufeffa: 1\n", "a: 1"])
def test_what_two_scanners_read_differently_is_left_to_one(text: str) -> None:
    assert not is_plain(text)
    assert is_plain("- a: {assign: [{x: 1}]}\n")
