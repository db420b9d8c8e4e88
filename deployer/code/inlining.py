"""Raw SQL whose text goes into the queries below it (Mage: "SQL blocks", upstream blocks)."""

from __future__ import annotations

from deployer.model import Block, BlockId, Kind, Language, Pipeline


def is_raw(block: Block) -> bool:
    raw = block.language is Language.SQL and bool(block.configuration.get("use_raw_sql"))
    return raw and block.kind is not Kind.DBT


def inlined(pipeline: Pipeline, block: Block) -> tuple[Block, ...]:
    """Raw SQL blocks above an SQL block, near and far, whose text it may hold."""
    known = {other.id: other for other in pipeline.blocks}
    found: dict[BlockId, Block] = {}
    waiting = [block] if block.language is Language.SQL else []
    while waiting:
        above = [known[up] for up in waiting.pop().upstream if up in known and up not in found]
        raw = [other for other in above if is_raw(other)]
        found |= {other.id: other for other in raw}
        waiting += raw
    return tuple(found.values())
