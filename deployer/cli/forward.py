"""`blocklift emulator …` and `workflows …`: handed on to the emulator's own command line."""

from __future__ import annotations

import typer

from deployer.cli.console import complain

EVERYTHING = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def emulator(context: typer.Context) -> None:
    """The local cloud by itself: start, stop, status, env, postgres."""
    raise typer.Exit(forwarded(context.args))


def workflows(context: typer.Context) -> None:
    """Workflows definitions without any project: run, check."""
    raise typer.Exit(forwarded(["workflows", *context.args]))


def forwarded(arguments: list[str]) -> int:
    from deployer.local import emulator as run

    try:
        return run(arguments).returncode
    except KeyboardInterrupt:
        complain("interrupted")
        return 130
