"""Variables that look like credentials: they travel in bundles and schedules, so it is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deployer.errors import Problem
from deployer.model import Place, Project
from deployer.settings.ioconfig import HARMLESS, PLACEHOLDER, SENSITIVE, TEMPLATE

HINT = "put it into .env and read it with os.environ['NAME']: then it is a secret"


def exposed(project: Project) -> Iterator[Problem]:
    """Of pipelines and of triggers. Values are not repeated."""
    for pipeline in project.pipelines:
        yield from _among(pipeline.variables, pipeline.place)
        for trigger in pipeline.triggers:
            yield from _among(trigger.variables, trigger.place)


def _among(variables: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    for name, value in variables.items():
        if isinstance(value, str) and _is_secret(name, value):
            message = f"variable {name!r} looks like a credential, and variables are no secrets"
            yield Problem(place.path, _line_of(place, name), message, HINT)


def _is_secret(name: str, value: str) -> bool:
    if not value or TEMPLATE.search(value) or PLACEHOLDER.fullmatch(value):
        return False
    return bool(SENSITIVE.fullmatch(name)) and not HARMLESS.fullmatch(name)


def _line_of(place: Place, name: str) -> int:
    lines = place.path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    found = (n for n, line in enumerate(lines, 1) if line.strip().startswith(f"{name}:"))
    return next(found, place.line)
