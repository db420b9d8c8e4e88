"""Source text → Program, or every mistake at once."""

from __future__ import annotations

from emulator.workflows.build import build
from emulator.workflows.choices import CHOICES, Choices
from emulator.workflows.limits import STRICT, Limits
from emulator.workflows.reading import read
from emulator.workflows.source import Place, Problems, SourceError
from emulator.workflows.syntax import Program
from emulator.workflows.validate import validate

FAR = 4
"""So many times too large, a source is not read: it would take seconds."""


def parse(source: str, *, limits: Limits = STRICT, choices: Choices = CHOICES) -> Program:
    """Raises SourceError with all problems of the definition."""
    problems = Problems()
    size = len(source.encode(errors="surrogatepass"))
    if size > limits.source:
        problems.add(Place(1, 1), f"source has {size} bytes, at most {limits.source} are allowed")
    if size > limits.source * FAR:
        problems.check()
    tree = read(source, problems, choices)
    if tree is None:
        raise SourceError(problems.found)
    try:
        program = build(tree, problems, limits, choices)
        validate(program, problems)
    except RecursionError:
        problems.add(Place(1, 1), "the source is nested too deeply")
    problems.check()
    return program
