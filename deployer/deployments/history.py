"""What a deployment was, and what it left that one can go back to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from deployer.bundle import Bundle
from deployer.live import Live
from deployer.resources import Access, Function, Job, Known, Resource, Workflow, key, placeholders

Json = Any
DETAILS = frozenset({"things"})


@dataclass(frozen=True, slots=True)
class Kept(Bundle):
    """A bundle that an earlier deployment left; its bytes are fetched when they are needed."""

    kept: str = ""
    fetch: Callable[[str], bytes] = field(default=lambda _: b"", repr=False)

    @property
    def digest(self) -> str:
        return self.kept

    def zip_bytes(self) -> bytes:
        return self.fetch(self.kept)


@dataclass(frozen=True, slots=True)
class Thing:
    """One function, definition or policy as a deployment left it."""

    resource: Resource
    revision: str = ""
    """Of a function: the name of the Cloud Run revision that served; of a job: its function's."""
    known: Known = field(default_factory=dict)
    """Versions of the secrets that it was given."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One entry of the journal."""

    number: int
    began: str
    by: str
    commit: str = ""
    """Of the project's git repository; `+` at the end when files had changed since."""
    purpose: str = "deploy"
    back_to: int = 0
    """The deployment that this one went back to."""
    changes: tuple[str, ...] = ()
    ended: str = ""
    """Empty while it goes on, and for ever when it failed or was stopped."""
    things: tuple[Thing, ...] = field(default=(), repr=False)

    @property
    def effective(self) -> int:
        """The number of the deployment whose state this one left."""
        return self.back_to or self.number

    @property
    def pipelines(self) -> list[str]:
        return sorted({t.resource.pipeline for t in self.things if t.resource.pipeline})

    def to_json(self) -> dict[str, Json]:
        """As it is listed."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in DETAILS}
        return {**plain, "pipelines": {name: self.state_of(name) for name in self.pipelines}}

    def state_of(self, pipeline: str) -> dict[str, Json]:
        own = [t for t in self.things if t.resource.pipeline == pipeline]
        return {
            "definition": [
                t.resource.fields()["source"] for t in own if isinstance(t.resource, Workflow)
            ],
            "functions": {
                t.resource.name: {"bundle": t.resource.bundle.digest[:40], "revision": t.revision}
                for t in own
                if isinstance(t.resource, Function)
            },
        }


def merged(
    before: Deployment | None,
    wanted: Iterable[Resource],
    gone: Iterable[str],
    functions: Iterable[Live],
    known: Known,
) -> tuple[Thing, ...]:
    """What is there now: what was there, what this deployment knows better, without what went."""
    things = {key(t.resource): t for t in (before.things if before else ())}
    things |= {key(r): Thing(r, known=given(r, known)) for r in wanted if recorded(r)}
    for name in gone:
        things.pop(name, None)
    lives = {live.key: live for live in functions}
    return tuple(serving(thing, lives) for thing in things.values())


def serving(thing: Thing, lives: Mapping[str, Live]) -> Thing:
    """With the revision that answers: the newest, or the one that it went back to. A job runs
    the image of the revision that its function then had.
    """
    resource = thing.resource
    if not isinstance(resource, Function | Job):
        return thing
    function = resource.function if isinstance(resource, Job) else resource
    live = lives.get(key(function))
    if live is None:
        return thing
    return replace(thing, resource=at(resource, ""), revision=live.pinned or live.revision)


def at(resource: Function | Job, revision: str) -> Function | Job:
    """To be served, or to run, as it was in a revision."""
    if isinstance(resource, Job):
        return replace(resource, function=replace(resource.function, revision=revision))
    return replace(resource, revision=revision)


def given(resource: Resource, known: Known) -> dict[str, str]:
    return {p.key: known[p.key] for p in placeholders(resource) if p.key in known}


def recorded(resource: Resource) -> bool:
    """What a pipeline can go back to: its code, its definition, who may call it, and that it may
    read its secrets.
    """
    if isinstance(resource, Access):
        return resource.on in {"service", "job", "secret"}
    return isinstance(resource, Function | Job | Workflow)
