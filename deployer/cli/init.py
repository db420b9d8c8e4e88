"""`blocklift init`: a new Mage project that runs at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deployer.cli.console import plural, say


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where; must not exist yet.")],
    template: Annotated[str, typer.Option(help="weather, or empty.")] = "weather",
) -> None:
    """Write a new Mage project that runs at once."""
    from deployer.starter import write

    written = write(folder, template)
    say(f"{plural(len(written), 'file')} written to {folder}", "bold")
    say("next:")
    for command in following(folder, template):
        say(f"  {command}")


def following(folder: Path, template: str) -> list[str]:
    running = [] if template == "empty" else [f"blocklift run {folder} daily_weather"]
    return [*running, f"blocklift up {folder}"]
