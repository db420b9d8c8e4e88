"""Conditionals and callbacks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from runtime.contract import Status
from tests.runtime.project import Project


@pytest.fixture
def parent(project: Project) -> Project:
    project.block("load", "@data_loader\ndef load():\n    return {'n': 3}\n")
    project.call("load")
    project.block("use", "@custom\ndef use(x):\n    return 'used'\n", kind="custom",
                  upstream=("load",))  # fmt: skip
    return project


def condition(project: Project, code: str) -> str:
    project.block("gate", code, kind="conditional", upstream=("load",), parent="use")
    return project.call("gate").status


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("@condition\ndef ok(x, **kwargs):\n    return x['n'] == 3\n", Status.DONE),
        ("@condition\ndef ok(*args, **kwargs):\n    return False\n", Status.CONDITION_FAILED),
        ("@condition\ndef a(x):\n    return 1\n@condition\ndef b(x):\n    return 0\n",
         Status.CONDITION_FAILED),
        ("@condition\ndef ok(x):\n    raise ValueError('no')\n", Status.CONDITION_FAILED),
        ("@condition\ndef ok(x, **kwargs):\n    return kwargs['parent_block_uuid'] == 'use'\n",
         Status.DONE),
    ],
)  # fmt: skip
def test_conditions(parent: Project, code: str, status: str) -> None:
    assert condition(parent, code) == status


def test_a_condition_keeps_its_answer_when_asked_again(parent: Project) -> None:
    assert condition(parent, "@condition\ndef f(x):\n    return False\n") == "condition_failed"
    assert condition(parent, "@condition\ndef f(x):\n    return True\n") == "condition_failed"
    assert parent.call("use").status == "condition_failed"


def called(project: Project, path: Path, code: str, **facts: Any) -> list[Any]:
    """What the callback wrote down."""
    notes = path / "notes"
    notes.unlink(missing_ok=True)
    head = f"""
def note(*seen):
    with open({str(notes)!r}, 'a') as file:
        file.write(repr(seen) + '\\n')

"""
    project.block("ring", head + code, kind="callback", upstream=("load",), parent="load")
    assert project.call("ring", **facts).status == "done"
    return [eval(line) for line in notes.read_text().splitlines()] if notes.exists() else []


FAILURE = {"type": "ValueError", "message": "bad", "block": "load"}


PASSED = "@callback('success')\n"
FAILED = "@callback('failure')\n"
FACTS = "    note(kwargs['block_uuid'], kwargs['parent_block_uuid'], kwargs['pipeline_run'].id)\n"
BROKEN = "def f(x):\n    1 / 0\n"


@pytest.mark.parametrize(
    ("code", "outcome", "noted"),
    [
        (f"{PASSED}def f(data, **kwargs):\n    note(data)\n", "success", [({"n": 3},)]),
        (f"{FAILED}def f(data, **kwargs):\n    note(data)\n", "success", []),
        (
            f"{FAILED}def f(data, **kwargs):\n    note(repr(kwargs['__error']))\n",
            "failure",
            [("ValueError('bad')",)],
        ),
        ("@callback\ndef f(data, **kwargs):\n    note(data)\n", "success", [({"n": 3},)]),
        ("@callback\ndef f():\n    note()\n", "success", [()]),
        (
            f"{PASSED}def f(**kwargs):\n    note(kwargs['__input'])\n",
            "success",
            [({"load": {"n": 3}, "df_1": {"n": 3}},)],
        ),
        (f"{PASSED}def f(**kwargs):\n{FACTS}", "success", [("ring", "load", "run-1")]),
        (
            "@on_success\ndef f(**kwargs):\n    note(kwargs['pipeline_uuid'])\n",
            "success",
            [("orders",)],
        ),
        ("@on_failure\ndef f(**kwargs):\n    note(1)\n", "failure", [(1,)]),
        (f"{PASSED}{BROKEN}{PASSED}def g(x):\n    note('next')\n", "success", [("next",)]),
        ("this is no python\n", "success", []),
        ("@callback('cancelled')\ndef f(x):\n    note(x)\n", "success", []),
        ("@callback('cancelled')\ndef f(x):\n    note(x)\n", "failure", []),
    ],
)
def test_callbacks(
    parent: Project, tmp_path: Path, code: str, outcome: str, noted: list[Any]
) -> None:
    error = FAILURE if outcome == "failure" else None
    assert called(parent, tmp_path, code, outcome=outcome, error=error) == noted


def test_a_callback_takes_the_outputs_one_by_one_or_as_a_list(
    parent: Project, tmp_path: Path
) -> None:
    parent.block("load", "@data_loader\ndef load():\n    return 1, 'b'\n")
    parent.run = "run-2"
    parent.call("load")
    both = f"{PASSED}def f(a, b, **kwargs):\n    note(a, b)\n"
    both += f"{PASSED}def g(a):\n    note(a)\n{PASSED}def h(*args):\n    note(*args)\n"
    assert called(parent, tmp_path, both) == [(1, "b"), ([1, "b"],), ([1, "b"],)]


def test_a_success_is_called_back_once_and_a_failure_each_time(
    parent: Project, tmp_path: Path
) -> None:
    code = f"{PASSED}def f(x):\n    note(1)\n{FAILED}def g(x):\n    note(2)\n"
    assert len(called(parent, tmp_path, code, outcome="failure", error=FAILURE)) == 1
    assert len(called(parent, tmp_path, code, outcome="failure", error=FAILURE)) == 1
    assert len(called(parent, tmp_path, code, outcome="success")) == 1
    assert called(parent, tmp_path, code, outcome="success") == []


def test_what_fails_in_a_callback_is_in_the_log(
    parent: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    code = "@callback('success')\ndef f(x):\n    raise RuntimeError('phone is off')\n"
    parent.block("ring", code, kind="callback", upstream=("load",), parent="load")
    assert parent.answer("ring", outcome="success")[0] == 200
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (error,) = [record for record in records if record["severity"] == "ERROR"]
    assert error["message"] == "the callback f failed"
    assert "phone is off" in error["exception"]
