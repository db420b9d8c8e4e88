"""Putting queries together."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from runtime.sql.templates import with_outputs, with_query, with_table, with_variables

FRAME = pd.DataFrame({"n": [1, 2]})
VALUES: dict[str, Any] = {"a": {"k": 5}, "b": FRAME}


def outputs(text: str, **variables: Any) -> str:
    return with_outputs(text, ["a", "b"], VALUES.__getitem__, variables)


def test_tables() -> None:
    assert with_table("x {{ df_1 }} {{df_1}} {{ df_11 }}", 1, "s.t") == "x s.t s.t {{ df_11 }}"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("SELECT * FROM {{ df_1 }}", "SELECT * FROM (\nSELECT 1\n) AS t"),
        ("SELECT * FROM {{ df_1 }} AS x", "SELECT * FROM (\nSELECT 1\n) AS x"),
        ("SELECT * FROM y JOIN {{ df_1 }} x ON 1", "SELECT * FROM y JOIN (\nSELECT 1\n) x ON 1"),
    ],
)
def test_queries_in_queries(text: str, made: str) -> None:
    assert with_query(text, 1, "SELECT 1 ; ", "t") == made


def test_outputs_by_python() -> None:
    assert outputs("n = {{ block_output('a', parse=lambda data, _v: data['k']) }}") == "n = 5"
    assert (
        outputs("{{ block_output(parse=lambda data, v: data[1][0]['n'] + v['one']) }}", one=1)
        == "2"
    )
    assert outputs("{{ block_output('a', parse=lambda d, _: math.floor(d['k'] / 2)) }}") == "2"


def test_outputs_without_parse_are_all_inputs() -> None:
    assert outputs("{{ block_output('b') }}").startswith("{'a': {'k': 5}, 'b':")


def test_a_parse_that_fails_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert outputs("{{ block_output('a', parse=lambda data, _v: data['x']) }}").startswith("{'a'")
    assert "[ERROR] parsing block_output: 'x'" in capsys.readouterr().out


def test_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGION", "eu")
    text = (
        "{{ ds }} {{ unknown }} {{ variables('n') }} {{ variables('x') }} "
        "{{ variables('n', 'lambda v: v * 2') }} {{ env_var('REGION') }} {{ math.floor(2.5) }}"
        "{% if n > 2 %} big{% endif %} {{ execution_date.strftime('%Y') }}"
    )
    rendered = with_variables(text, {"ds": "d", "n": 3, "execution_date": dt.datetime(2024, 5, 1)})
    assert rendered == "d  3 None 6 eu 2 big 2024"
