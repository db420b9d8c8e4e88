"""Arguments and options that several verbs share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from deployer.errors import UsageError

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
SkipRefused = Annotated[
    bool, typer.Option("--skip-refused", help="Leave out pipelines that `check` refuses.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Variables = Annotated[
    list[str] | None,
    typer.Option("--var", "-v", metavar="K=V", help="A run variable; the value is YAML."),
]
Wait = Annotated[
    str | None,
    typer.Option("--wait", metavar="TIME", help="For another deployer to end: 30s, 10m, 1h."),
]
Suffix = Annotated[
    str, typer.Option("--suffix", help="A preview beside the real one, such as pr-42.")
]
Packaging = Annotated[
    str,
    typer.Option(
        "--packaging",
        metavar="WAY",
        help="functions, or shared-image: one build for all. To stay so: packaging: in "
        "blocklift.yaml.",
    ),
]
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def seconds(text: str | None) -> float | None:
    """`10m` → 600."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if not found:
        raise UsageError(f"{text!r} is no length of time", "write it as 30s, 10m or 1h")
    return float(found[1]) * UNITS[found[2]]
