"""Previews: the same project once more in a target, every name with a suffix such as pr-42."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from deployer.errors import UsageError
from deployer.model import PREVIEW, Project
from deployer.naming import label
from deployer.resources import PROJECT_LABEL

SUFFIX = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,18}[a-z0-9])?")


def preview(project: Project, suffix: str) -> Project:
    """The project under names of its own."""
    if not SUFFIX.fullmatch(suffix):
        hint = "lower-case letters, digits and single hyphens between them, at most 20: pr-42"
        raise UsageError(f"{suffix!r} cannot be the suffix of a preview", hint)
    pipelines = tuple(replace(p, suffix=suffix) for p in project.pipelines)
    return replace(project, pipelines=pipelines, suffix=suffix)


def previews_of(project: Project, buckets: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Suffix → since when, told by buckets: a preview's first thing to come and last to go."""
    start = f"{label(project.name)}{PREVIEW}"
    found = {}
    for bucket in buckets:
        owner = (bucket.get("labels") or {}).get(PROJECT_LABEL, "")
        if owner.startswith(start):
            found[owner.removeprefix(start)] = str(bucket.get("timeCreated", ""))
    return dict(sorted(found.items()))
