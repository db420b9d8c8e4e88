"""What downstream receives for what a block returns (Mage: blocks, return values)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runtime.project import Project

RECEIVED: list[tuple[str, Any]] = [
    ("None", []),
    ("[]", []),
    ("[5]", 5),
    ("[[5]]", [5]),
    ("[1, 2, 3]", [1, 2, 3]),
    ("list(range(25))", list(range(25))),
    ("({'a': 1}, 'text')", [{"a": 1}, "text"]),
    ("{'a': {1: (2, 3)}}", {"a": {"1": [2, 3]}}),
    ("(1, None, [1, 2])", [1, None, [1, 2]]),
    ("7", 7),
    ("1.5", 1.5),
    ("'12'", "12"),
    ("''", ""),
    ("True", True),
    ("'añ\\n'", "añ\n"),
    ("b'\\x00\\xff'", b"\x00\xff"),
]


@pytest.mark.parametrize(("returned", "received"), RECEIVED, ids=[r for r, _ in RECEIVED])
def test_downstream_receives(project: Project, returned: str, received: Any) -> None:
    project.block("give", f"@data_loader\ndef give():\n    return {returned}\n")
    project.call("give")
    found = project.received("give")
    assert found == received
    assert type(found) is type(received)


def test_many_small_outputs_lie_in_one_artifact(project: Project) -> None:
    project.block("give", "@data_loader\ndef give():\n    return [{'n': n} for n in range(300)]\n")
    assert project.call("give").outputs == 300
    assert len(project.refs("give")) == 1
    assert project.received("give") == [{"n": n} for n in range(300)]


def test_tables_beside_values_lie_apart(project: Project) -> None:
    code = """
    import pandas as pd
    @data_loader
    def give():
        return pd.DataFrame({'n': [1, 2]}), {'rows': 2}, None
    """
    project.block("give", code)
    answer = project.call("give")
    assert (answer.outputs, answer.rows) == (3, 2)
    assert [ref.format for ref in project.refs("give")] == ["parquet", "json", "json"]
    frame, facts, nothing = project.received("give")
    assert (frame["n"].tolist(), facts, nothing) == ([1, 2], {"rows": 2}, None)


def test_a_table_with_repeated_column_names_is_refused(project: Project) -> None:
    code = """
    import pandas as pd
    @data_loader
    def give():
        return pd.DataFrame([[1, 2]], columns=['a', 'a'])
    """
    project.block("give", code)
    with pytest.raises(ValueError, match="repeated: a"):
        project.call("give")


def test_what_cannot_be_stored_is_said(project: Project) -> None:
    code = """
    class Own:
        pass
    @data_loader
    def give():
        return Own()
    """
    project.block("give", code)
    with pytest.raises(TypeError, match=r"builtins\.Own cannot be stored between blocks"):
        project.call("give")
