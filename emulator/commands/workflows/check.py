"""`workflows check FILE…`: every mistake with its file, line and column."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from emulator.commands.workflows.places import marked, place
from emulator.workflows.limits import OFF, STRICT, Limits
from emulator.workflows.parse import parse
from emulator.workflows.source import SourceError, SourceProblem


def once(options: argparse.Namespace) -> int:
    limits = STRICT if options.limits == "on" else OFF
    found = {file: problems(file, limits) for file in options.files}
    if options.json:
        sys.stdout.write(_json(found))
    else:
        sys.stdout.write("\n".join(line for file in found for line in _lines(file, found[file])))
        sys.stdout.write("\n")
    return 1 if any(found.values()) else 0


def problems(file: Path, limits: Limits = STRICT) -> tuple[SourceProblem, ...]:
    try:
        parse(file.read_text(), limits=limits)
    except SourceError as error:
        return error.problems
    return ()


def _lines(file: Path, problems: Sequence[SourceProblem]) -> list[str]:
    if not problems:
        return [f"{file}: no problems"]
    source, lines = file.read_text(), []
    for problem in problems:
        lines.append(f"{place(file, problem.line, problem.column)}: {problem}")
        lines += marked(source, problem.line, problem.column, problem.length)
    return lines


def _json(found: dict[Path, tuple[SourceProblem, ...]]) -> str:
    rows = [
        {
            "file": str(file),
            "line": problem.line,
            "column": problem.column,
            "step": problem.step,
            "message": problem.message,
        }
        for file, problems in found.items()
        for problem in problems
    ]
    return json.dumps(rows, indent=2) + "\n"
