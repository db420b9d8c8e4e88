"""YAML that remembers its lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployer.errors import Problem
from deployer.load.document import Document, parse, read

HERE = Path("metadata.yaml")


def document(text: str) -> Document:
    found = parse(HERE, text, {"N": "5"})
    assert isinstance(found, Document), found
    return found


def problem(text: str) -> Problem:
    found = parse(HERE, text, {})
    assert isinstance(found, Problem), found
    return found


def test_every_value_has_its_line_and_unknown_ones_that_of_what_is_around() -> None:
    found = document("a: 1\nblocks:\n- uuid: x\n  up:\n  - y\n")
    assert found.line("a") == 1
    assert found.line("blocks", 0, "uuid") == 3
    assert found.line("blocks", 0, "up", 0) == 5
    assert found.line("blocks", 0, "nothing") == 3
    assert found.line("nothing") == 1


def test_an_empty_file_is_an_empty_mapping() -> None:
    assert document("# only words\n").value == {}


def test_dates_become_texts() -> None:
    found = document("day: 2024-01-02\nat: 2024-01-02 03:04:05\n1: one\n")
    assert found.value == {"day": "2024-01-02", "at": "2024-01-02T03:04:05", "1": "one"}


def test_a_template_stays_a_template_bare_or_in_quotes() -> None:
    """What the environment holds must not reach a bundle by way of the metadata."""
    assert document("a: \"{{ env_var('N') }}\"\n").value == {"a": "{{ env_var('N') }}"}
    found = document("a: {{ env_var('N') }}\nb: x-{{ env_var('N') }}\nc: {{ 1 + 1 }}\n")
    assert found.value == {"a": "{{ env_var('N') }}", "b": "x-{{ env_var('N') }}", "c": 2}


def test_the_environment_decides_all_the_same() -> None:
    text = "{% if env_var('N') == '5' %}\na: five\n{% endif %}\nb: {{ env_var('M', 'other') }}\n"
    assert document(text).value == {"a": "five", "b": "other"}


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "YAML"),
        ("a: 1\n\tb: 2\n", 2, "YAML"),
        ("- a\n- b\n", 1, "keys and values"),
        ("just words", 1, "keys and values"),
        ("a: 1\nb: {{ env_var( }}\n", 2, "template"),
        ("a: 2024-13-45\n", 1, "YAML"),
        ("a: &x [*x]\n", 1, "YAML"),
        ("a: !!python/object/apply:os.system ['true']\n", 1, "YAML"),
    ],
)
def test_what_does_not_parse_is_a_problem_with_its_line(text: str, line: int, word: str) -> None:
    found = problem(text)
    assert word in found.message
    assert found.line == line


def test_tabs_get_a_hint_of_their_own() -> None:
    assert "tabs" in problem("a: 1\n\tb: 2\n").hint


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "metadata.yaml"
    path.write_bytes(b"name: caf\xe9\n")
    found = read(path, {})
    assert isinstance(found, Problem)
    assert "UTF-8" in found.message


def test_a_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "metadata.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: shop\n")
    found = read(path, {})
    assert isinstance(found, Document)
    assert found.value == {"name": "shop"}
