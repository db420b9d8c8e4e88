"""`blocklift doctor`: what is missing, and the command that mends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from deployer.cli.arguments import AsJson, ProjectPath, TargetName
from deployer.cli.console import say, say_json

Json = Any
HERE = Path()


def doctor(
    project: ProjectPath = HERE, target: TargetName = "local", as_json: AsJson = False
) -> None:
    """Look for what is missing on this machine or in this cloud."""
    from deployer.doctor import examine

    found = list(examine(project, target))
    if as_json:
        say_json([finding.to_json() for finding in found])
    else:
        for finding in found:
            say(f"{'✓' if finding.fine else '✗'} {finding.what}", "" if finding.fine else "red")
            if finding.mend:
                say(f"    {finding.mend}")
    raise typer.Exit(0 if all(finding.fine for finding in found) else 1)
