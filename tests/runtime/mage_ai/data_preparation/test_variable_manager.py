"""Outputs and variables of other blocks and pipelines."""

from __future__ import annotations

import pytest

from runtime.context import entered
from runtime.errors import SettingsProblem
from runtime.mage_ai.data_preparation import variable_manager as manager
from runtime.record import replace
from tests.runtime.project import Project


def test_outputs_of_this_run_or_of_the_latest(project: Project) -> None:
    project.block("load", "@data_loader\ndef load(**kwargs):\n    return kwargs['n'], 'second'\n")
    for number in (1, 2):
        project.run = f"run-{number}"
        project.call("load", variables={"n": number})
    project.run = "run-1"
    with entered(project.context("load")):
        assert manager.get_variable("orders", "load", "output_0") == 1
        assert manager.get_variable("orders", "load", "output_1") == "second"
        assert manager.get_variable("orders", "load", "output_7") is None
        assert manager.get_variable("orders", "load", "output_0", partition="run-2") == 2
        assert manager.get_variable("orders", "nobody", "output_0") is None
        held = manager.VariableManager("repo", variables_dir="somewhere")
        assert held.get_variable("orders", "load", "output_0", partition="run-2") == 2
        with pytest.raises(SettingsProblem, match="return the value"):
            held.add_variable("orders", "load", "output_0", 3)
    elsewhere = replace(project.specs["load"], pipeline="other")
    with entered(replace(project.context("load"), spec=elsewhere)):
        assert manager.get_variable("orders", "load", "output_0") == 2


def test_variables_that_code_sets_are_there_for_later_runs(project: Project) -> None:
    code = """
    from runtime.mage_ai.data_preparation.variable_manager import (
        delete_global_variable, get_global_variable, set_global_variable)
    @data_loader
    def load(**kwargs):
        before = kwargs['mark']
        set_global_variable('orders', 'mark', before + 1)
        set_global_variable('orders', 'gone', 1)
        delete_global_variable('orders', 'gone')
        return before, get_global_variable('orders', 'mark'), kwargs.get('gone')
    """
    project.block("load", code, variables={"mark": 10}, global_variables=True)
    seen = []
    for number in (1, 2):
        project.run = f"run-{number}"
        project.call("load")
        seen.append(project.outputs("load"))
    assert seen == [[10, 11, None], [11, 12, None]]
    project.run = "run-3"
    project.call("load", variables={"mark": 0})
    assert project.outputs("load")[0] == 0
