"""Blocks that are written neither in Python nor in SQL alone: R, dbt, and YAML sources.

Each has a core that only words things (a script, a command line, a profile) and a story that
runs them. Which one a block is follows from its type and language (Mage: "Blocks", languages).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runtime.context import Context
from runtime.contract import BlockSpec

Values = Callable[[str], Any]
"""Reads an upstream block's output."""
Story = Callable[[Context, Values, Mapping[str, Any]], Any]


def story_of(spec: BlockSpec) -> Story | None:
    """What runs this block; None for Python and SQL."""
    if spec.type == "dbt":
        from runtime.languages.dbt.story import run_dbt

        return run_dbt
    if spec.language == "r":
        from runtime.languages.r import run_r

        return run_r
    if spec.language == "yaml":
        from runtime.languages.yaml_api import run_api

        return run_api
    return None
