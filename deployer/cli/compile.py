"""`blocklift compile`: the Workflows definition of a pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deployer.cli.arguments import PipelineName, ProjectPath
from deployer.cli.console import complain

Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write it here instead.", metavar="FILE")
]


def compile(project: ProjectPath, pipeline: PipelineName, output: Output = None) -> None:  # noqa: A001  # the verb's name
    """Print the Workflows definition; URLs name a sample project until it is deployed."""
    from deployer.inspection import SAMPLE_BUCKET, compiled

    definition = compiled(project, pipeline, SAMPLE_BUCKET)
    for note in definition.notes:
        complain(f"note: {note}")
    if output:
        output.write_text(definition.text, encoding="utf-8")
    else:
        print(definition.text, end="")
