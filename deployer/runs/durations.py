"""What blocks usually take, from past runs, written down for the compiler (`compile.usual`).

A value that is written stays until blocks take half as long again, or less than two thirds of
it: a file that changed with every run would redeploy its workflow each time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from statistics import median

from deployer.compile.usual import file_of, usual_seconds
from deployer.model import BlockId, Pipeline
from deployer.runs.usage import Usage

STAYS = 1.5
"""Times longer or shorter than written."""
LEAST = 0.1
"""Seconds; below it nothing is worth to be told apart."""
HEAD = """\
# What blocks usually take, in seconds: a workflow starts the longest way first.
# Written by `blocklift durations` from past runs; takes effect with the next deploy.
"""


def measured(usage: Usage, pipeline: Pipeline) -> dict[BlockId, float]:
    """Medians of the newest good runs; blocks that left no manifest there are missing."""
    runs = usage.past(pipeline)
    found: dict[BlockId, float] = {}
    for block in pipeline.blocks:
        manifests = [usage.manifest(pipeline, block, run) for run in runs]
        if seconds := [m.seconds for m in manifests if m]:
            found[block.id] = median(seconds)
    return found


def settled(
    names: Sequence[BlockId], written: Mapping[BlockId, float], found: Mapping[BlockId, float]
) -> dict[BlockId, float]:
    """What the file shall say: in the order of the pipeline, of its blocks only."""
    known = {name: _kept(written.get(name), found.get(name)) for name in names}
    return {name: seconds for name, seconds in known.items() if seconds is not None}


def _kept(written: float | None, found: float | None) -> float | None:
    if found is None:
        return written
    rounded = float(f"{max(found, LEAST):.2g}")
    if written and written / STAYS <= rounded <= written * STAYS:
        return written
    return rounded


def learn(usage: Usage, pipeline: Pipeline) -> tuple[dict[BlockId, float], bool]:
    """Write the pipeline's file; what it says now, and whether that is new."""
    written = usual_seconds(pipeline)
    found = settled([b.id for b in pipeline.blocks], written, measured(usage, pipeline))
    if not found or found == written:
        return found, False
    file_of(pipeline).write_text(text_of(found), encoding="utf-8")
    return found, True


def text_of(seconds: Mapping[BlockId, float]) -> str:
    lines = (f"{json.dumps(name)}: {value:g}\n" for name, value in seconds.items())
    return HEAD + "".join(lines)
