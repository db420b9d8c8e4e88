"""How a block file is executed, and how its functions are called."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from runtime.errors import InputProblem
from tests.runtime.project import Project

GUARD = """
if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom
"""


@pytest.fixture(autouse=True)
def _mage_ai() -> None:
    from runtime import alias

    alias.install()


def result(project: Project, code: str, upstream: tuple[str, ...] = (), **facts: Any) -> Any:
    """What a custom block leaves, its upstream blocks having returned 1, 2, …"""
    for number, uuid in enumerate(upstream, 1):
        project.block(uuid, f"@data_loader\ndef load():\n    return {number}\n")
        project.call(uuid)
    project.block("it", code, kind="custom", upstream=upstream, **facts)
    project.call("it")
    outputs = project.outputs("it")
    return outputs[0] if outputs else None


def test_names_that_are_there_before_the_file_runs(project: Project) -> None:
    code = """
    found = sorted(name for name in globals() if not name.startswith('__'))
    @custom
    def f(*args):
        return [found]
    """
    assert result(project, code, ("a", "b")) == [
        "a", "b", "custom", "df_1", "df_2", "preprocesser", "test",
    ]  # fmt: skip


def test_the_file_is_no_main_module_and_has_no_file(project: Project) -> None:
    code = """
    facts = {'name': __name__, 'file': '__file__' in globals()}
    @custom
    def f():
        return facts
    """
    assert result(project, code) == {"name": "builtins", "file": False}


def test_nothing_at_module_level_survives_a_call(project: Project) -> None:
    code = "seen = []\n@custom\ndef f():\n    seen.append(1)\n    return len(seen)\n"
    assert result(project, code) == 1
    project.run = "run-2"
    project.call("it")
    assert project.outputs("it") == [1]


def test_a_changed_file_is_read_again(project: Project) -> None:
    assert result(project, "@custom\ndef f():\n    return 'old'\n") == "old"
    project.file("custom/it.py", "@custom\ndef f():\n    return 'newer'\n")
    project.run = "run-2"
    project.call("it")
    assert project.outputs("it") == ["newer"]


def test_the_first_decorated_function_runs_and_no_other(project: Project) -> None:
    code = "@custom\ndef a():\n    return 'a'\n@custom\ndef b():\n    raise ValueError\n"
    assert result(project, code) == "a"


@pytest.mark.parametrize(
    "code",
    [
        GUARD + "@custom\ndef f():\n    return 7\n",
        "from mage_ai.data_preparation.decorators import custom\n@custom\ndef f():\n    return 7\n",
        "@custom()\ndef f():\n    return 7\n",
        "import asyncio\n@custom\nasync def f():\n    await asyncio.sleep(0)\n    return 7\n",
    ],
    ids=["guarded", "imported", "called", "async"],
)
def test_decorators_however_they_come(project: Project, code: str) -> None:
    assert result(project, code) == 7


def test_decorated_functions_of_other_modules_do_not_count(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.file("custom/helper.py", GUARD + "@custom\ndef theirs():\n    return 'theirs'\n")
    monkeypatch.syspath_prepend(project.home)
    code = """
    from mage_ai.data_preparation.decorators import custom
    from shop.custom.helper import theirs
    @custom
    def mine():
        return 'mine'
    """
    assert result(project, code) == "mine"


def test_a_file_without_a_decorated_function_says_so(project: Project) -> None:
    with pytest.raises(InputProblem, match="no function is decorated with @custom"):
        result(project, "def f():\n    return 1\n")


def test_preprocessers_run_before_with_the_same_arguments(project: Project) -> None:
    code = """
    order = []
    @preprocesser
    def before(x, **kwargs):
        order.append(('before', x))
    @custom
    def f(x, **kwargs):
        order.append(('main', x))
        return [order]
    """
    assert result(project, code, ("a",)) == [["before", 1], ["main", 1]]


ARITIES = [
    ("f()", [0]),
    ("f(*args, **kwargs)", [0, 1, 2]),
    ("f(*args)", [0, 1, 2]),
    ("f(x, **kwargs)", [1]),
    ("f(x, *args, **kwargs)", [1, 2]),
    ("f(**kwargs)", [0]),
    ("f(x, flag=False, **kwargs)", [1, 2]),
    ("f(x, *, flag=False, **kwargs)", [1]),
]


@pytest.mark.parametrize(("signature", "accepted"), ARITIES, ids=[s for s, _ in ARITIES])
@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_number_of_inputs_a_function_takes(
    project: Project, signature: str, accepted: list[int], count: int
) -> None:
    upstream = ("a", "b")[:count]
    code = f"@custom\ndef {signature}:\n    return 'ran'\n"
    if count in accepted:
        assert result(project, code, upstream) == "ran"
        return
    with pytest.raises(InputProblem, match=r"f\(\) takes .* but the block has") as refused:
        result(project, code, upstream)
    assert refused.value.line == 1


def test_a_default_is_overwritten_by_the_second_input(project: Project) -> None:
    code = "@custom\ndef f(x, flag=False, **kwargs):\n    return [[x, flag]]\n"
    assert result(project, code, ("a", "b")) == [1, 2]


def test_inputs_come_in_the_order_of_the_upstream_blocks(project: Project) -> None:
    assert result(project, "@custom\ndef f(*args):\n    return [list(args)]\n", ("b", "a")) == [
        1,
        2,
    ]


def test_keyword_arguments_only_for_those_who_take_them(project: Project) -> None:
    assert result(project, "@custom\ndef f(*args):\n    return len(args)\n") == 0


def test_a_generator_of_frames_is_one_table(project: Project) -> None:
    code = """
    import pandas as pd
    @custom
    def f():
        for n in range(3):
            yield pd.DataFrame({'n': [n, n]})
    """
    assert result(project, code)["n"].tolist() == [0, 0, 1, 1, 2, 2]


def test_a_generator_of_anything_else_is_a_list(project: Project) -> None:
    project.block("it", "@custom\ndef f():\n    yield 1\n    yield 2\n", kind="custom")
    assert project.call("it").outputs == 2


def test_paths_of_mages_image_lead_into_the_bundle(project: Project) -> None:
    code = """
    @custom
    def f():
        return {'a': '/home/src/shop/x.csv', 'b': f'/home/src', 'c': '/home/srcs'}
    """
    home = str(project.home)
    assert result(project, code) == {"a": f"{home}/shop/x.csv", "b": home, "c": "/home/srcs"}


def test_a_test_that_takes_too_few_outputs_is_said(project: Project) -> None:
    code = """
    @custom
    def f():
        return 1, 2
    @test
    def test_one(output):
        pass
    """
    with pytest.raises(InputProblem, match=r"test_one\(\) takes 1 input"):
        result(project, code)


def test_tests_see_what_was_stored(project: Project) -> None:
    code = """
    @custom
    def f():
        return {1: (2, 3)}
    @test
    def test_stored(output, *args, **kwargs):
        assert output == {'1': [2, 3]}
        assert kwargs['pipeline_uuid'] == 'orders'
    """
    assert result(project, code) == {"1": [2, 3]}


def test_errors_keep_their_lines(project: Project) -> None:
    code = "x = 1\n\n@custom\ndef f():\n    raise KeyError('/home/src')\n"
    with pytest.raises(KeyError) as raised:
        result(project, code)
    assert raised.traceback[-1].lineno + 1 == 5
    assert ast.parse(code)


@pytest.mark.parametrize(
    ("upstream", "signature", "given"),
    [
        (("wait", "a"), "f(x, y)", "[x, y]"),
        (("wait",), "f(*args)", "list(args)"),
    ],
)
def test_a_sensor_above_takes_its_place_among_the_arguments(
    project: Project, upstream: tuple[str, ...], signature: str, given: str
) -> None:
    project.block("wait", "@sensor\ndef f():\n    return True\n", kind="sensor")
    project.block("a", "@data_loader\ndef f():\n    return 5\n")
    project.call("wait")
    project.call("a")
    code = f"@custom\ndef {signature}:\n    return repr({given})\n"
    project.block("it", code, kind="custom", upstream=upstream, upstream_modes={"wait": "skip"})
    project.call("it")
    assert project.outputs("it") == [repr([[], 5][: len(upstream)])]


@pytest.mark.parametrize(
    ("test", "error"),
    [
        ("def t(x):\n    raise KeyError('odd')\n", KeyError),
        ("def t(x, **kwargs):\n    assert kwargs['env'] == 'prod'\n", None),
        ("def t():\n    pass\n", InputProblem),
    ],
)
def test_what_tests_may_do(project: Project, test: str, error: type[Exception] | None) -> None:
    """Only an AssertionError is a failed test; keyword arguments come to who declares them."""
    project.block("load", f"@data_loader\ndef load():\n    return 1\n@test\n{test}")
    if error is None:
        assert project.call("load").tests == 1
        return
    with pytest.raises(error):
        project.call("load")
