"""Jinja before YAML: what it gives, and where its lines came from."""

from __future__ import annotations

import pytest

from deployer.load.templates import TemplateMistake, calls, render, render_value

ENVIRONMENT = {"SCHEMA": "sales", "JSON": '{"user": "ann"}'}


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("{{ env_var('SCHEMA') }}", "sales"),
        ("{{ env_var('NOTHING') }}", "None"),
        ("{{ env_var('NOTHING', 'fallback') }}", "fallback"),
        ("{{ mage_secret_var('SCHEMA') }}", "sales"),
        ("{{ json_value(env_var('JSON'), 'user') }}", "ann"),
        ("{{ json_value(env_var('NOTHING'), 'user') }}", "None"),
        ("select * from {{ df_1 }}", "select * from {{ df_1 }}"),
        ("{% if 1 < 2 %}yes{% endif %}", "yes"),
        ("plain", "plain"),
    ],
)
def test_functions_of_mage(text: str, rendered: str) -> None:
    assert render(text, ENVIRONMENT).text == rendered


def test_lines_point_into_the_file_that_was_written() -> None:
    text = "a: 1\n{% for n in [1, 2, 3] %}\nb{{ n }}: 2\n{% endfor %}\n{# two\nlines #}\nc: 3\n"
    found = render(text, {})
    lines = found.text.split("\n")
    assert [found.source_line(lines.index(name) + 1) for name in ("a: 1", "b2: 2", "c: 3")] == [
        1,
        3,
        7,
    ]


def test_a_mistake_names_its_line() -> None:
    with pytest.raises(TemplateMistake) as found:
        render("a: 1\nb: {{ env_var('X' }}\n", {})
    assert found.value.line == 2


def test_a_stranger_s_template_cannot_reach_out() -> None:
    with pytest.raises(TemplateMistake):
        render("{{ ''.__class__.__mro__[1].__subclasses__() }}", {})


def test_values_keep_what_cannot_be_rendered() -> None:
    value = {"a": ["{{ env_var('SCHEMA') }}", "{{ broken"], "n": 1}
    assert render_value(value, ENVIRONMENT) == {"a": ["sales", "{{ broken"], "n": 1}


def test_calls_are_found_with_their_lines_but_not_in_comments() -> None:
    text = "# {{ env_var('OLD') }}\na: {{ env_var('A') }}\nb: {{ env_var( \"B\", 1) }}\n"
    assert calls(text, frozenset({"env_var"})) == (("env_var", "A", 2), ("env_var", "B", 3))
