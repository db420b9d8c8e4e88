"""The opened project beside its target: read anew when a file changes, asked by every route."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from deployer.errors import BlockliftError, ProjectError
from deployer.errors import Problem as Mistake
from deployer.model import Pipeline, Project
from deployer.workspace import Workspace, beside
from studio.server.edit import Editor
from studio.server.errors import StudioError, missing
from studio.server.events import Events
from studio.server.files import Files

LOOK_SECONDS = 2.0


class Session:
    """One project folder and one target, shared by all browser tabs."""

    def __init__(self, root: Path, target: str = "local") -> None:
        self.root = root.resolve()
        self.target = target
        self.files = Files(self.root)
        self.editor = Editor(self.files)
        self.events = Events()
        self.at_end: list[Callable[[], None]] = []
        """Called when Studio ends: processes that were started here end with it."""
        self._lock = threading.RLock()
        self._opening = threading.Lock()
        self._read: tuple[Project, tuple[Mistake, ...]] | None = None
        self._unread: tuple[Mistake, ...] = ()
        self._workspace: Workspace | None = None

    def changed(self, *paths: str) -> None:
        """Files of the project changed, here or in an editor beside: forget what was read."""
        with self._lock:
            self._read = None
        self.events.publish("files_changed", paths=list(paths))

    def read(self) -> tuple[Project, tuple[Mistake, ...]]:
        """The project as far as it can be read, and every problem in it."""
        from deployer.check import check
        from deployer.load import survey

        with self._lock:
            if self._read is None:
                project, problems = survey(self.root)
                if project is None:
                    raise StudioError(400, str(problems[0].message), problems[0].hint)
                self._read = (project, (*problems, *check(project)))
                self._unread = problems
            return self._read

    @property
    def project(self) -> Project:
        return self.read()[0]

    def pipeline(self, name: str) -> Pipeline:
        for pipeline in self.project.pipelines:
            if pipeline.id == name:
                return pipeline
        raise missing(f"pipeline {name}")

    def workspace(self) -> Workspace:
        """The target behind the project; starts the local cloud if it does not run.

        Reading files never waits for that: it takes seconds, and has a lock of its own.
        """
        with self._opening:
            project = self.project
            known = self._workspace
            if known is None or known.project is not project or lost(known):
                known = self._workspace = beside(project, self.target, start=True)
                known.unread = self._unread
            return known


def lost(workspace: Workspace) -> bool:
    """The local cloud ended since: it is started again, with all that it holds."""
    place = urlsplit(workspace.target.base)
    if not workspace.target.is_local or place.hostname is None:
        return False
    try:
        socket.create_connection((place.hostname, place.port or 80), LOOK_SECONDS).close()
    except OSError:
        return True
    return False


def told(error: BlockliftError) -> StudioError:
    """An expected error of the deployer as the browser shows it."""
    if isinstance(error, ProjectError):
        lines = "\n".join(str(problem) for problem in error.problems)
        return StudioError(400, lines, "Mend these, then try again.")
    return StudioError(400 if error.exit_code != 3 else 502, str(error), error.hint)
