"""SQL blocks and the blocks above them: what needs not leave the database.

A chain of SQL blocks on one profile stays where it is: nobody fetches a table that only the
next query reads. A raw SELECT leaves no table, so its text goes into the queries below it
(Mage: "SQL blocks", upstream blocks).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deployer.code import dbt
from deployer.code.inlining import is_raw
from deployer.code.neighbours import everyone, neighbours
from deployer.dag import dynamic
from deployer.load.document import text_of
from deployer.model import Block, BlockId, Kind, Language, Pipeline, Project
from deployer.settings.names import code_of

DISK = frozenset({"duckdb"})
"""Providers whose database lies on one function's own disk."""
READS_VALUES = "block_output"
"""A template function that looks into an upstream block's rows."""


def stays(project: Project, pipeline: Pipeline, block: Block) -> bool:
    """Everyone below reads this block's table in the database; so nobody fetches it."""
    if not _leaves_a_table(block) or dynamic.sources(pipeline)[block.id]:
        return False
    below = [other for other in everyone(pipeline) if block.id in other.upstream]
    guarded = {up for condition in pipeline.conditionals for up in condition.upstream}
    alike = all(
        _reads_in_place(block, other) and other.id not in guarded and not dynamic.is_dynamic(other)
        for other in below
    )
    return bool(below) and alike and not _read_elsewhere(project, pipeline)


def _leaves_a_table(block: Block) -> bool:
    return (
        block.language is Language.SQL
        and block.kind is not Kind.DBT
        and not block.configuration.get("use_raw_sql")
        and not dynamic.is_dynamic(block)
        and not block.checks
        and _provider(block) not in DISK
        and "{{" not in _profile(block)
    )


def _reads_in_place(block: Block, below: Block) -> bool:
    return (
        below.language is Language.SQL
        and below.kind is not Kind.DBT
        and _provider(below) == _provider(block)
        and _profile(below) == _profile(block)
        and READS_VALUES not in code_of(below)
    )


def _provider(block: Block) -> str:
    return text_of(block.configuration.get("data_provider"))


def _profile(block: Block) -> str:
    return text_of(block.configuration.get("data_provider_profile")) or "default"


def _read_elsewhere(project: Project, pipeline: Pipeline) -> bool:
    """Some block reads outputs of this pipeline by itself: get_variable, a data product."""
    return any(
        pipeline.id in neighbours(project, block).read
        for other in project.pipelines
        for block in everyone(other)
    )


def specs(
    project: Project, pipeline: Pipeline, names: Sequence[BlockId]
) -> dict[str, dict[str, Any]]:
    """What a block is told of the blocks above it: BlockSpec.upstream_specs."""
    known = {block.id: block for block in pipeline.blocks}
    return {name: _about(project, known, known[name], frozenset({name})) for name in names}


def _about(
    project: Project, known: Mapping[BlockId, Block], block: Block, seen: frozenset[BlockId]
) -> dict[str, Any]:
    about: dict[str, Any] = {
        "type": block.kind.value,
        "language": block.language.value,
        "configuration": {**block.configuration, **dbt.table_of(project, block)},
    }
    if not is_raw(block):
        return about
    above = [up for up in block.upstream if up in known and up not in seen]
    inner = {up: _about(project, known, known[up], seen | {up}) for up in above}
    return about | {"content": code_of(block), "upstream": above, "upstream_specs": inner}
