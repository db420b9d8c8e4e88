"""Usual seconds of a pipeline's blocks, from the file beside its metadata.yaml.

They stand in a file of the project, not in the target: so a definition follows from the
project alone, two machines cannot disagree, and deploying twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from deployer.errors import Problem, ProjectError
from deployer.model import BlockId, Pipeline

FILE = "durations.yaml"
HINT = "write `block: seconds`, or let `blocklift durations` write the file"


def file_of(pipeline: Pipeline) -> Path:
    return pipeline.place.path.parent / FILE


def usual_seconds(pipeline: Pipeline) -> Mapping[BlockId, float]:
    """Of the blocks that the file names; blocks that are gone do no harm."""
    path = file_of(pipeline)
    if not path.is_file():
        return {}
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ProjectError([Problem(path, _line(error), "is not YAML", HINT)]) from None
    if not isinstance(written, dict):
        raise ProjectError([Problem(path, 1, "is not a list of blocks and seconds", HINT)])
    wrong = [str(name) for name, value in written.items() if not _is_duration(value)]
    if wrong:
        message = f"no positive number of seconds: {', '.join(wrong)}"
        raise ProjectError([Problem(path, 1, message, HINT)])
    return {BlockId(str(name)): float(value) for name, value in written.items()}


def _is_duration(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 < value < float("inf")


def _line(error: Exception) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1
