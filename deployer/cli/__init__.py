"""The command line: one command, `blocklift`, the same verbs for every target.

Each verb is a function in a module of its own. Nothing heavy is imported until a verb runs,
so that `--help` and mistyped commands answer at once. Exit codes: 0 done; 1 the work failed;
2 wrong usage; 3 the target said no; 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

import typer

from deployer.cli import (
    backfill,
    check,
    compile,  # noqa: A004 - the verb
    cost,
    deploy,
    doctor,
    durations,
    export,
    forward,
    graph,
    history,
    init,
    pausing,
    run,
    runs,
    secrets,
    triggers,
    up,
)
from deployer.cli.console import complain
from deployer.errors import BlockliftError

DEBUG = "BLOCKLIFT_DEBUG"


def build() -> typer.Typer:
    """Every verb, in the order in which a newcomer needs them."""
    app = typer.Typer(
        name="blocklift",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Run an unmodified Mage project as functions and workflows, here or on Google Cloud.",
    )
    verbs: tuple[Callable[..., None], ...] = (
        init.init,
        up.up,
        up.down,
        check.check,
        compile.compile,
        graph.graph,
        deploy.plan,
        deploy.deploy,
        history.deployments,
        history.rollback,
        history.unlock,
        history.previews,
        run.run,
        runs.runs,
        runs.logs,
        run.retry,
        backfill.backfill,
        triggers.triggers,
        pausing.pause,
        pausing.resume,
        deploy.destroy,
        cost.cost,
        durations.durations,
        doctor.doctor,
    )
    for verb in verbs:
        app.command()(verb)
    app.add_typer(secrets.app, name="secrets")
    app.add_typer(export.app, name="export")
    for handed_on in (forward.emulator, forward.workflows):
        app.command(context_settings=forward.EVERYTHING, add_help_option=False)(handed_on)
    return app


def main(words: Sequence[str] | None = None) -> None:
    """The entry point, and the only place where expected errors become words and exit codes."""
    try:
        build()(args=words)
    except BlockliftError as error:
        if os.environ.get(DEBUG):
            raise
        sys.exit(told(error))


def told(error: BlockliftError) -> int:
    complain(str(error))
    if error.hint:
        complain(f"  hint: {error.hint}")
    return error.exit_code
