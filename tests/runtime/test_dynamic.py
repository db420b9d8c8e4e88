"""Dynamic blocks: items, their metadata, children of children, and back to one list."""

from __future__ import annotations

from typing import Any

import pytest

from runtime.errors import InputProblem
from tests.runtime.project import Project


def spread(project: Project, returned: str, uuid: str = "many") -> int | None:
    code = f"import pandas as pd\n@data_loader\ndef many():\n    return {returned}\n"
    project.block(uuid, code, dynamic=True)
    return project.call(uuid).count


def child(project: Project, modes: dict[str, str], body: str = "x") -> None:
    code = f"@custom\ndef f(*args, **kwargs):\n    x = args[0]\n    return {body}\n"
    project.block("child", code, kind="custom", upstream=tuple(modes), upstream_modes=modes)


def at(project: Project, *index: int) -> Any:
    project.call("child", index=list(index))
    outputs = project.outputs("child", *index)
    return outputs[0] if outputs else None


@pytest.mark.parametrize(
    ("returned", "count"),
    [
        ("[[1, 2, 3]]", 3),
        ("[[1, 2], [{'block_uuid': 'a'}, {'block_uuid': 'b'}]]", 2),
        ("[pd.DataFrame({'n': [1, 2, 3, 4]})]", 4),
        ("[[], []]", 0),
        ("[[]]", 0),
        ("None", 0),
        ("[1, 2, 3]", 3),
    ],
)
def test_how_many_children_there_will_be(project: Project, returned: str, count: int) -> None:
    assert spread(project, returned) == count


def test_a_child_takes_its_item_and_its_metadata(project: Project) -> None:
    spread(project, "[['x', 'y'], [{'block_uuid': 'one'}, {'block_uuid': 'two', 'n': 2}]]")
    child(project, {"many": "item"}, "[x, kwargs['block_uuid'], kwargs.get('n'), "
          "kwargs['dynamic_block_index']]")  # fmt: skip
    project.call("child", index=[1])
    assert project.outputs("child", 1) == ["y", "two", 2, 1]


def test_items_without_metadata(project: Project) -> None:
    spread(project, "[['x', 'y']]")
    child(project, {"many": "item"}, "x + kwargs['block_uuid']")
    assert at(project, 0) == "xchild"


def test_rows_of_a_table_are_items(project: Project) -> None:
    spread(project, "[pd.DataFrame({'n': [10, 20], 's': ['a', 'b']})]")
    child(project, {"many": "item"}, "{'n': int(x['n']), 's': x.s}")
    assert at(project, 1) == {"n": 20, "s": "b"}


def test_several_dynamic_blocks_give_every_combination(project: Project) -> None:
    spread(project, "[[1, 2]]", "rows")
    spread(project, "[['a', 'b', 'c']]", "columns")
    child(project, {"rows": "item", "columns": "item"}, "f'{args[0]}{args[1]}'")
    assert [at(project, n) for n in range(6)] == ["1a", "1b", "1c", "2a", "2b", "2c"]


def test_a_static_upstream_comes_whole(project: Project) -> None:
    project.block("all", "@data_loader\ndef all():\n    return ['p', 'q']\n")
    project.call("all")
    spread(project, "[[1, 2]]")
    child(project, {"all": "whole", "many": "item"}, "[[args[0], args[1]]]")
    assert at(project, 1) == [["p", "q"], 2]


def test_children_of_children_take_their_own(project: Project) -> None:
    spread(project, "[[1, 2]]")
    child(project, {"many": "item"}, "[x * 10]")
    for n in range(2):
        project.call("child", index=[n])
    code = "@custom\ndef f(x):\n    return x + 1\n"
    project.block("below", code, kind="custom", upstream=("child",),
                  upstream_modes={"child": "paired"})  # fmt: skip
    project.call("below", index=[1])
    assert project.outputs("below", 1) == [21]


@pytest.mark.parametrize(
    ("body", "reduced"),
    [("x * 10", [10, 20, 30]), ("[x, -x]", [1, -1, 2, -2, 3, -3]), ("[[x]]", [1, 2, 3])],
)
def test_reduced_children_come_as_one_list(project: Project, body: str, reduced: Any) -> None:
    spread(project, "[[1, 2, 3]]")
    child(project, {"many": "item"}, body)
    for n in range(3):
        project.call("child", index=[n])
    code = "@custom\ndef f(x):\n    return [x]\n"
    project.block("total", code, kind="custom", upstream=("child",),
                  upstream_modes={"child": "reduced"})  # fmt: skip
    project.call("total")
    assert project.outputs("total") == [reduced]


def test_no_children_reduce_to_an_empty_list(project: Project) -> None:
    code = "@custom\ndef f(x):\n    return len(x)\n"
    project.block("total", code, kind="custom", upstream=("child",),
                  upstream_modes={"child": "reduced"})  # fmt: skip
    project.call("total")
    assert project.outputs("total") == [0]


def test_a_skipped_child_leaves_no_gap(project: Project) -> None:
    spread(project, "[[1, 2, 3]]")
    child(project, {"many": "item"})
    project.block("odd", "@condition\ndef odd(x):\n    return x % 2\n", kind="conditional",
                  upstream=("many",), upstream_modes={"many": "item"}, parent="child")  # fmt: skip
    for n in range(3):
        if project.call("odd", index=[n]).status == "done":
            project.call("child", index=[n])
    project.block("total", "@custom\ndef f(x):\n    return [x]\n", kind="custom",
                  upstream=("child",), upstream_modes={"child": "reduced"})  # fmt: skip
    project.call("total")
    assert project.outputs("total") == [[1, 3]]


def test_an_index_that_is_not_there(project: Project) -> None:
    spread(project, "[[1, 2]]")
    child(project, {"many": "item"})
    with pytest.raises(InputProblem, match="there is no item 2 in many"):
        project.call("child", index=[2])
    with pytest.raises(InputProblem, match="has no index"):
        project.call("child")


def test_items_of_a_block_that_ran_once_per_item(project: Project) -> None:
    spread(project, "[[1, 2, 3]]")
    code = "@custom\ndef f(x, **kwargs):\n    return [[f'{x}.{n}' for n in range(x - 1)]]\n"
    project.block(
        "inner", code, kind="custom", upstream=("many",), upstream_modes={"many": "item"},
        dynamic=True,
    )  # fmt: skip
    assert [project.call("inner", index=[n]).count for n in range(3)] == [0, 1, 2]
    child(project, {"inner": "nested"})
    assert [at(project, n) for n in range(3)] == ["2.0", "3.0", "3.1"]
    with pytest.raises(InputProblem, match="no such item"):
        project.call("child", index=[3])


def test_a_child_with_items_of_another_block(project: Project) -> None:
    spread(project, "[[1, 2]]", "rows")
    spread(project, "[['a', 'b', 'c']]", "columns")
    child(project, {"rows": "item"}, "x * 10")
    for n in range(2):
        project.call("child", index=[n])
    code = "@custom\ndef f(left, right):\n    return f'{left}{right}'\n"
    project.block(
        "mixed", code, kind="custom", upstream=("child", "columns"),
        upstream_modes={"child": "paired", "columns": "item"},
        sources=["rows", "columns"], upstream_sources={"child": ["rows"]},
    )  # fmt: skip
    for n in range(6):
        project.call("mixed", index=[n], counts=[2, 3])
    found = [project.outputs("mixed", n)[0] for n in range(6)]
    assert found == ["10a", "10b", "10c", "20a", "20b", "20c"]
