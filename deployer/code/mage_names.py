"""Which names of Mage's the runtime has, told by reading it: nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import runtime

HOME = Path(runtime.__file__).parent
INSTEAD = {
    "mage_ai.run": "start it with `blocklift run`; inside a block, with trigger_pipeline",
    "mage_ai.data_preparation.models": "read metadata.yaml, or outputs with get_variable",
    "mage_ai.data_preparation.streaming": "streaming pipelines do not run here",
    "mage_ai.streaming": "streaming pipelines do not run here",
    "mage_ai.data_integrations": "load with mage_ai.io.* or the source's own client",
    "mage_ai.services.spark": "pyspark is of no use without a cluster: use pandas or polars",
    "mage_ai.services": "use that service's own client library",
    "mage_ai.orchestration": "runs are executions of Workflows: trigger_pipeline, check_status",
}
"""The longest key that begins a name says what to do without it."""
ELSE = "docs/mage-compatibility.md names what does; without it the block cannot start"


def provided(base: str, module: str) -> bool:
    """Of `from base import name`, dotted as `base.name`; or of `import base`."""
    file = _file(base)
    if file is None:
        return False
    name = module[len(base) + 1 :]
    return not name or name in _names(file) or _file(module) is not None


def instead(module: str) -> str:
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        if (hint := INSTEAD.get(".".join(parts[:length]))) is not None:
            return hint
    return ELSE


def _file(module: str) -> Path | None:
    place = HOME.joinpath(*module.split("."))
    ends = (place.with_suffix(".py"), place / "__init__.py")
    return next((path for path in ends if path.is_file()), None)


@cache
def _names(file: Path) -> frozenset[str]:
    """What a module defines or imports at its top."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(name for node in tree.body for name in _bound(node))


def _bound(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in names)
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case ast.If(body=body, orelse=orelse) | ast.Try(body=body, orelse=orelse):
            yield from (name for inner in (*body, *orelse) for name in _bound(inner))
