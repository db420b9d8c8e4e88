"""`blocklift up` and `down`: the local cloud with the project on it, kept up to date."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployer.cli.arguments import ProjectPath
from deployer.cli.console import complain, say
from deployer.errors import BlockliftError, UsageError

if TYPE_CHECKING:
    from deployer.workspace import Workspace

HERE = Path()
STUDIO = "studio.server"
STUDIO_PORT = 6789
STUDIO_GRACE = 5
PASSWORD = "BLOCKLIFT_STUDIO_PASSWORD"  # noqa: S105 - the name of a variable
IGNORED = {".blocklift", ".git", "__pycache__", ".venv"}


def up(
    project: ProjectPath = HERE,
    watch: Annotated[bool, typer.Option("--watch/--no-watch", help="Redeploy on save.")] = True,
    studio: Annotated[bool, typer.Option("--studio/--no-studio", help="Serve Studio.")] = True,
    host: Annotated[str, typer.Option(help="Share Studio at this address of the machine.")] = "",
    password: Annotated[
        bool, typer.Option("--password", help=f"Ask for it, or read it from {PASSWORD}.")
    ] = False,
    postgres: Annotated[
        str, typer.Option(metavar="URL", help="Instead of the embedded one; embedded: that again.")
    ] = "",
) -> None:
    """Start the local cloud, deploy, open Studio, and deploy again at every save."""
    from deployer import local
    from deployer.workspace import opened

    sharing = shared(host, password)
    workspace = opened(project)
    if postgres:
        local.use_postgres(workspace.target.base, postgres)
    say(f"local cloud at {workspace.target.base}", "bold")
    if not watch:
        bring(project)
        return
    server = start_studio(project, sharing) if studio else None
    try:
        watched(project)
    finally:
        if server:
            stop_studio(server)


def down(project: ProjectPath = HERE) -> None:
    """Stop the local cloud. What it holds is kept for the next start."""
    from deployer import local

    root = project.resolve()
    say("local cloud stopped" if local.stop(root) else "the local cloud was not running")


def bring(project: Path) -> None:
    """Deploy; a mistake is shown and does not end `up`, since the next save may mend it."""
    from deployer.cli.deploy import perform
    from deployer.cli.plans import show_plan
    from deployer.workspace import opened

    try:
        workspace: Workspace = opened(project)
        planned = workspace.plan()
        show_plan(planned, workspace.target.name)
        perform(workspace, planned, quiet=False)
    except BlockliftError as error:
        complain(str(error))
        if error.hint:
            complain(f"  hint: {error.hint}")


def watched(project: Path) -> None:
    """Deploy, and again whenever files change, many at once counting as one.

    Watching begins before the first deploy, so that nothing saved meanwhile is missed.
    """
    changes = changed_files(project)
    next(changes)
    bring(project)
    say("watching for changes; Ctrl-C stops (the local cloud stays: `blocklift down`)")
    for names in filter(None, changes):
        say(f"\nchanged: {', '.join(names[:5])}{' …' if len(names) > 5 else ''}", "dim")
        bring(project)


def changed_files(project: Path) -> Iterator[list[str]]:
    """Names of files that changed; now and then none, the first time at once."""
    from watchfiles import watch

    for changes in watch(
        project,
        watch_filter=lambda _, path: matters(path),
        step=100,
        rust_timeout=300,
        yield_on_timeout=True,
    ):
        yield sorted({Path(path).name for _, path in changes})


def matters(path: str) -> bool:
    return not IGNORED.intersection(Path(path).parts)


@dataclass(frozen=True, slots=True)
class Sharing:
    """How Studio shall be reached from beyond this machine; by nobody, if empty."""

    host: str = ""
    password: str = field(default="", repr=False)

    @property
    def words(self) -> Sequence[str]:
        return ("--host", self.host, "--password") if self.host else ()

    @property
    def environment(self) -> Mapping[str, str]:
        """Studio's alone: other users see arguments, and other processes need not know."""
        return {**os.environ, PASSWORD: self.password} if self.host else os.environ


def shared(host: str, password: bool) -> Sharing:
    if not host and not password:
        return Sharing()
    if not (host and password):
        hint = "whoever reaches Studio can run code here"
        raise UsageError("--host and --password go together", hint)
    known = os.environ.get(PASSWORD)
    return Sharing(host, known or typer.prompt("Password for Studio", hide_input=True))


def start_studio(project: Path, sharing: Sharing) -> subprocess.Popen[bytes] | None:
    if not importable(STUDIO):
        say("Studio is not installed here; everything else is", "dim")
        return None
    command = [
        sys.executable,
        "-m",
        STUDIO,
        "--port",
        str(STUDIO_PORT),
        *sharing.words,
        str(project),
    ]
    return subprocess.Popen(command, env=sharing.environment)  # says its start-up address itself


def stop_studio(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STUDIO_GRACE)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def importable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
