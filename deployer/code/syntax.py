"""Small questions about Python's syntax trees, asked without running anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def called(node: ast.AST) -> str:
    """Last name of what is called or decorated: `os.getenv(…)` gives `getenv`."""
    if isinstance(node, ast.Call):
        return called(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def literal(node: ast.AST | None) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def constants(value: ast.expr, nodes: list[ast.AST]) -> set[str] | None:
    """Every text that a name is given in the file; None when it may be something else."""
    if found := literal(value):
        return {found}
    if not isinstance(value, ast.Name):
        return None
    given = [literal(value) for value in assigned(value.id, nodes)]
    texts = {found for found in given if found}
    return texts if given and len(texts) == len(set(given)) else None


def assigned(name: str, nodes: list[ast.AST]) -> Iterator[ast.expr | None]:
    for node in nodes:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in node.targets
        ):
            yield node.value
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr | ast.AugAssign | ast.For):
            if isinstance(node.target, ast.Name) and node.target.id == name:
                yield getattr(node, "value", None)
        elif isinstance(node, ast.arg) and node.arg == name:
            yield None
