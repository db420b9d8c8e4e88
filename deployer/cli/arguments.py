"""Arguments and options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ProjectPath = Annotated[
    Path, typer.Argument(help="Folder of a Mage project.", show_default=False, metavar="PROJECT")
]
PipelineName = Annotated[str, typer.Argument(help="Name of its folder under pipelines/.")]
TargetName = Annotated[
    str, typer.Option("--target", "-t", help="local, or a name under targets: in blocklift.yaml.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document, for programs.")]
Pipelines = Annotated[
    list[str] | None,
    typer.Option("--pipeline", "-p", help="Only this pipeline; may be given several times."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Variables = Annotated[
    list[str] | None,
    typer.Option("--var", "-v", metavar="K=V", help="A run variable; the value is YAML."),
]
