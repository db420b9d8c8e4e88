from __future__ import annotations

import pytest

from emulator.conditions import BadConditionError, holds

VALUES = {
    "resource.name": "projects/1/secrets/titanic-db",
    "resource.type": "secretmanager.googleapis.com/Secret",
    "request.time": 1_700_000_000.0,
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('resource.name.startsWith("projects/1/secrets/titanic")', True),
        ('resource.name.startsWith("projects/2/")', False),
        ("resource.name.endsWith('-db')", True),
        ('resource.name == "x" || resource.type.contains("Secret")', True),
        ('resource.name != "x" && resource.type == "x"', False),
        ('!(resource.name == "x")', True),
        ('request.time < timestamp("2020-01-01T00:00:00Z")', False),
        ('request.time >= timestamp("2020-01-01T00:00:00Z") && true', True),
        ('resource.name.matches("^projects/[0-9]+/secrets/")', True),
    ],
)
def test_what_bindings_use(expression: str, expected: bool) -> None:
    assert holds(expression, VALUES) is expected


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "resource.name",
        'resource.color == "red"',
        'resource.name.shout("x")',
        "(true",
        "true true",
        'resource.name.startsWith("a"',
        "resource.name ~ 3",
    ],
)
def test_what_cannot_be_told_is_an_error(expression: str) -> None:
    with pytest.raises(BadConditionError):
        holds(expression, VALUES)
