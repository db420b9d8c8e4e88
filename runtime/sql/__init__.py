"""SQL blocks: upload what upstream blocks left, put the query together, run it, read back.

names         which table belongs to which block
statements    text → statements, and what they do to which table
templates     {{ df_1 }}, {{ block_output(…) }}, then Jinja
providers     how each database spells a table, and how its results are read
story         one block from text to output
"""

from __future__ import annotations

from typing import Any

__all__ = ["run_sql"]


def run_sql(*args: Any) -> Any:
    """See `story.run_sql`; imported when a SQL block runs."""
    from runtime.sql import story

    return story.run_sql(*args)
