"""Which projects were named here, so that a project number leads back to its id."""

from __future__ import annotations

import re

from emulator.cloud import project_number
from emulator.store import Store

_NAMED = re.compile(r"/projects/([a-z][a-z0-9-]{4,28}[a-z0-9])(?=[/:]|$)")
_NUMBERED = re.compile(r"(?<=/projects/)\d{10,14}(?=[/:]|$)")


class KnownProjects:
    """Any project exists as soon as somebody names it."""

    def __init__(self, store: Store, default: str) -> None:
        self._store = store
        self._ids: dict[str, str] = {}
        for project, _ in store.list("project"):
            self._ids[project_number(project)] = project
        self.remember(default)

    def remember(self, project: str) -> None:
        number = project_number(project)
        if number not in self._ids:
            self._ids[number] = project
            self._store.put("project", project, {})

    def id_of(self, project: str) -> str:
        return self._ids.get(project, project)

    def by_id(self, path: str) -> str:
        """The same path with project ids where it had numbers."""
        if named := _NAMED.search(path):
            self.remember(named[1])
            return path
        return _NUMBERED.sub(lambda found: self.id_of(found[0]), path)
