"""The bundle that this function runs: its project and what is known of its block."""

from __future__ import annotations

import json
import os
import sys
from functools import cache

from runtime import alias, homecoming
from runtime.context import REPO_PATH
from runtime.contract import BlockSpec
from runtime.here import folder
from runtime.record import record


@record
class Bundle:
    """The block and the folder of its project."""

    spec: BlockSpec
    project: str


@cache
def settled() -> Bundle:
    """Once per process: read block.json, make the project importable, go where Mage would be.

    Mage runs in the parent of the project's folder, which is also where imports begin; last
    comes the folder itself, for those who started Mage inside it and import `utils` bare.
    """
    from pathlib import Path

    place = Path(folder())
    spec = BlockSpec.from_json(json.loads((place / "block.json").read_text()))
    home = place / "project"
    alias.install()
    if str(home) not in sys.path:
        sys.path.insert(0, str(home))
        sys.path.append(str(home / spec.project))
        homecoming.install(str(home / spec.project))
    os.environ.setdefault(REPO_PATH, str(home / spec.project))
    os.chdir(home)
    return Bundle(spec, str(home / spec.project))
