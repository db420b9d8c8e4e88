"""Digests of what we would send, and the seals with which workflows vouch for the rest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from deployer.resources.names import Known, Resource, VersionOf
from deployer.resources.records import Access, Function, Workflow

Json = Any
TOOL = "blocklift/1"
"""Part of every digest: raise it when what we send changes in a way that fields do not show."""


def placeholders(resource: Resource) -> Iterator[VersionOf]:
    return (value for value in resource.fields().values() if isinstance(value, VersionOf))


def resolved(fields: Mapping[str, Json], known: Known) -> dict[str, Json]:
    """Fields with every placeholder replaced; KeyError when one is not known yet."""
    return {
        name: known[value.key] if isinstance(value, VersionOf) else value
        for name, value in fields.items()
    }


def digest(resource: Resource, known: Known) -> str:
    """40 hexadecimal digits of what we would send: a label's value."""
    return short_digest([TOOL, resource.kind, resource.name, resolved(resource.fields(), known)])


_written = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def short_digest(value: Json) -> str:
    text = _written(value)
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def seal(workflow: Workflow, resources: Mapping[str, Resource], known: Known) -> str:
    """Digest of the workflow and of all that it needs, however far away.

    What pipelines share is left out: a new pipeline is no change to the others.
    """
    return Digests(known).seal(workflow, resources)


class Digests:
    """Each thing's digest, worked out once, as long as the versions of secrets are these."""

    def __init__(self, known: Known) -> None:
        self.known = dict(known)
        self._found: dict[int, tuple[Resource, str]] = {}
        """By identity, with the resource, so that no other one gets its digest."""

    def of(self, resource: Resource) -> str:
        """KeyError when a secret in it has no version yet."""
        if id(resource) not in self._found:
            self._found[id(resource)] = (resource, digest(resource, self.known))
        return self._found[id(resource)][1]

    def seal(self, workflow: Workflow, resources: Mapping[str, Resource]) -> str:
        below = sorted(n for n in foundations(workflow, resources) if not shared(resources[n]))
        parts = {name: self.of(resources[name]) for name in below}
        return short_digest([self.of(workflow), parts])


def shared(resource: Resource) -> bool:
    return isinstance(resource, Access | Function) and not resource.pipeline


def foundations(resource: Resource, resources: Mapping[str, Resource]) -> set[str]:
    """Keys of all that must be there before this; what stands under shared things is left
    out with them: other pipelines, which may not even be part of this plan.
    """
    found: set[str] = set()
    waiting = list(resource.needs)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(() if shared(resources[name]) else resources[name].needs)
    return found
