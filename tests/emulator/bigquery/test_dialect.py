"""GoogleSQL's own compliance tests and reference as judges of this engine.

Needs a checkout of github.com/google/googlesql: BLOCKLIFT_GOOGLESQL=<its path>.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.emulator.bigquery.googlesql.compliance import stated
from tests.emulator.bigquery.googlesql.confirmed import count
from tests.emulator.bigquery.googlesql.documents import stated as shown
from tests.emulator.bigquery.googlesql.engine import Engine
from tests.emulator.bigquery.googlesql.judging import judged
from tests.emulator.bigquery.googlesql.known import KNOWN
from tests.emulator.bigquery.googlesql.literals import Typed, read
from tests.emulator.bigquery.googlesql.table import heading, line, summed, tallies

CHECKOUT = os.environ.get("BLOCKLIFT_GOOGLESQL", "")


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(not CHECKOUT, reason="BLOCKLIFT_GOOGLESQL names no checkout of googlesql")
def test_nothing_is_silently_wrong_but_what_is_known(tmp_path, capsys):
    made = []
    with capsys.disabled():
        print(f"\n{heading()}")
        for name, one in tallies(Path(CHECKOUT), tmp_path):
            made.append(one)
            print(line(name, one))
        print(line("all", summed(made)))
    wrong = {(t["file"], t["name"]) for t in summed(made).told if t["verdict"] == "wrong"}
    assert wrong - KNOWN.keys() == set()


def test_the_docs_tell_how_many_cases_are_confirmed():
    page = (Path(__file__).parents[3] / "docs" / "emulator.md").read_text()
    assert f"{count()} of the cases" in page


# -- the judge itself ---------------------------------------------------------------------------


def test_a_value_is_read_with_its_type():
    rows = read("ARRAY<STRUCT<a INT64, ARRAY<>>>[unknown order:{1, ARRAY<STRING>['x']}]")
    assert not rows.ordered
    assert rows.value[0] == Typed(
        "STRUCT", [Typed("INT64", 1), Typed("ARRAY", [Typed("STRING", "x")])]
    )


COMPLIANCE = """
[prepare_database]
CREATE TABLE T AS SELECT 1 AS a UNION ALL SELECT 2
--
ARRAY<STRUCT<a INT64>>[{1}, {2}]
==
[name=right]
SELECT a FROM T
--
ARRAY<STRUCT<a INT64>>[unknown order:{2}, {1}]
==
[name=wrong]
SELECT a FROM T ORDER BY a
--
ARRAY<STRUCT<a INT64>>[known order:{2}, {1}]
==
[name=type]
SELECT 1.0
--
ARRAY<STRUCT<INT64>>[{1}]
==
[name=fails]
SELECT 1 / 0
--
ERROR: generic::out_of_range: division by zero: 1 / 0
==
[name=must_fail]
SELECT 1
--
ERROR: generic::out_of_range: something
==
[name=refused]
SELECT ST_GEOGPOINT(1, 2)
--
ARRAY<STRUCT<INT64>>[{1}]
"""
PAGE = """
## `ASCII`

```googlesql
SELECT ASCII('a') AS A, NULL AS B;

/*-----+------*
 | A   | B    |
 +-----+------+
 | 97  | NULL |
 *-----+------*/
```

```googlesql
SELECT ASCII('a') AS A

/*-----+
 | A   |
 +-----+
 | 98  |
 +-----*/
```
"""


@pytest.fixture
def engine(tmp_path):
    made = Engine(tmp_path / "warehouse")
    made.fresh()
    yield made
    made.close()


def test_compliance_tests_are_judged(engine, tmp_path):
    path = tmp_path / "a.test"
    path.write_text(COMPLIANCE)
    verdicts = {one.name: judged(engine, one)[0] for one in stated(path)}
    assert verdicts == {
        "right": "right", "wrong": "wrong", "type": "wrong", "fails": "right",
        "must_fail": "wrong", "refused": "refused",
    }  # fmt: skip


def test_pages_are_judged(engine, tmp_path):
    path = tmp_path / "page.md"
    path.write_text(PAGE)
    assert [judged(engine, one)[0] for one in shown(path)] == ["right", "wrong"]
    assert [one.name for one in shown(path)] == ["ASCII", "ASCII"]
