"""Extension blocks: expectations of what a block returned.

Where Great Expectations is installed it is used; elsewhere a stand-in with two of its
expectations and the answers that those give.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

import pytest

from runtime.errors import InputProblem, TestsFailed
from tests.runtime.project import Project

STANDIN = """
    from types import SimpleNamespace as Facts

    class Validator:
        def __init__(self, frame):
            self.frame, self.suite = frame, []
        def expect_table_row_count_to_be_between(self, **kwargs):
            self.suite.append(('expect_table_row_count_to_be_between', kwargs))
        def expect_column_values_to_not_be_null(self, column):
            self.suite.append(('expect_column_values_to_not_be_null', {'column': column}))
        def found(self, name, kwargs):
            if 'column' in kwargs:
                missing = int(self.frame[kwargs['column']].isna().sum())
                return not missing, {'unexpected_count': missing, 'element_count': len(self.frame)}
            count = len(self.frame)
            good = kwargs['min_value'] <= count <= kwargs['max_value']
            return good, {'observed_value': count}
        def validate(self):
            results = []
            for name, kwargs in self.suite:
                success, result = self.found(name, kwargs)
                about = Facts(type=name, kwargs={'batch_id': 'mage-load', **kwargs})
                results.append(Facts(success=success, result=result, expectation_config=about))
            return Facts(results=results)

    class Asset:
        def build_batch_request(self, dataframe):
            return dataframe

    class Context:
        data_sources = Facts(add_pandas=lambda name: Facts(add_dataframe_asset=lambda n: Asset()))
        def get_validator(self, batch_request, create_expectation_suite_with_name):
            return Validator(batch_request)

    def get_context(mode):
        return Context()
"""
LOAD = """
    import pandas as pd
    @data_loader
    def load():
        return pd.DataFrame({'n': [1, 2, None]})
    @test
    def tested(frame):
        assert len(frame)
"""
ROWS = "validator.expect_table_row_count_to_be_between(min_value={}, max_value=10)"
KNOWN = "validator.expect_column_values_to_not_be_null('n')"


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if find_spec("great_expectations") is not None:
        yield
        return
    (tmp_path / "great_expectations.py").write_text(dedent(STANDIN))
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("great_expectations", None)


def checking(project: Project, *expected: str, load: str = LOAD) -> Project:
    lines = "".join(f"    {line}\n" for line in expected)
    code = "@extension('great_expectations')\ndef validate(validator, *args, **kwargs):\n"
    project.file("extensions/enough.py", f"{code}    assert kwargs['ds']\n{lines}")
    checks = [{"block": "enough", "path": "extensions/enough.py"}]
    project.block("load", load, checks=checks)
    return project


def test_expectations_that_are_met_count_as_tests(project: Project) -> None:
    answer = checking(project, ROWS.format(1)).call("load")
    assert (answer.status, answer.rows, answer.tests) == ("done", 3, 2)
    told = [test["name"] for test in project.manifest("load").tests]
    assert told[0] == "tested"
    assert told[1].startswith("expect_table_row_count_to_be_between(")


def test_what_is_not_met_fails_the_block_and_leaves_nothing(project: Project) -> None:
    with pytest.raises(TestsFailed) as failed:
        checking(project, ROWS.format(5), KNOWN).call("load")
    told = str(failed.value)
    assert told.startswith("enough: expect_table_row_count_to_be_between(")
    assert "observed 3" in told
    assert "column='n'" in told
    assert "1 of 3 values are not as expected" in told
    assert "batch_id" not in told
    assert Path(failed.value.file).name == "enough.py"
    assert failed.value.line == 1
    assert not [name for _, name in project.cloud.objects if name.endswith("manifest.json")]


def test_only_tables_can_be_checked(project: Project) -> None:
    load = "@data_loader\ndef load():\n    return {'n': 1}\n"
    with pytest.raises(InputProblem, match="enough checks tables, but load returned dict"):
        checking(project, KNOWN, load=load).call("load")


def test_the_first_table_among_outputs_is_checked(project: Project) -> None:
    load = """
    import polars as pl
    @data_loader
    def load():
        return {'about': 1}, pl.DataFrame({'n': [1, 2]})
    """
    assert checking(project, ROWS.format(2), KNOWN, load=load).call("load").tests == 2


def test_what_the_checks_own_code_raises_is_its_error(project: Project) -> None:
    with pytest.raises(ZeroDivisionError):
        checking(project, "1 / 0").call("load")
