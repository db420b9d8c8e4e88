"""A deployment as the JSON that is kept of it, and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar

from deployer.bundle import Bundle
from deployer.deployments.history import Deployment, Kept, Thing
from deployer.options import Options
from deployer.resources import Access, Function, Grant, Job, Kind, Resource, Workflow

Json = Any
T = TypeVar("T")
SETS = ("needs", "about")


def packed(deployment: Deployment) -> bytes:
    told = {f.name: getattr(deployment, f.name) for f in fields(deployment)}
    told["things"] = [packed_thing(thing) for thing in deployment.things]
    return json.dumps(told, default=sorted).encode()  # sets have an order only here


def packed_thing(thing: Thing) -> dict[str, Json]:
    return {
        "kind": thing.resource.kind,
        "revision": thing.revision,
        "known": dict(thing.known),
        "fields": packed_fields(thing.resource),
    }


def packed_fields(resource: Resource) -> dict[str, Json]:
    told = {f.name: getattr(resource, f.name) for f in fields(resource)}  # type: ignore[arg-type]  # all are dataclasses
    if isinstance(resource, Function):
        told["bundle"] = packed_bundle(resource.bundle)
        told["options"] = asdict(resource.options)
    if isinstance(resource, Job):
        told["function"] = packed_fields(resource.function)
    if isinstance(resource, Access):
        told["grants"] = [asdict(grant) for grant in resource.grants]
    return told


def packed_bundle(made: Bundle) -> dict[str, Json]:
    return {"name": made.name, "kept": made.digest, "entry_point": made.entry_point}


def unpacked(data: bytes, fetch: Callable[[str], bytes]) -> Deployment:
    told = json.loads(data)
    things = tuple(
        Thing(resource_of(one, fetch), one["revision"], one["known"]) for one in told["things"]
    )
    return Deployment(**{**told, "things": things, "changes": tuple(told["changes"])})


def resource_of(told: Mapping[str, Json], fetch: Callable[[str], bytes]) -> Resource:
    sets = {name: frozenset(told["fields"].get(name, ())) for name in SETS}
    values = {**told["fields"], **sets}
    if told["kind"] == Kind.WORKFLOW:
        return made(Workflow, values)
    if told["kind"] == Kind.ACCESS:
        values["grants"] = tuple(Grant(**grant) for grant in values["grants"])
        return made(Access, values)
    if told["kind"] == Kind.JOB:
        values["function"] = function_of(values["function"], fetch)
        return made(Job, values)
    return function_of(values, fetch)


def function_of(told: Mapping[str, Json], fetch: Callable[[str], bytes]) -> Function:
    values = {**told, "needs": frozenset(told.get("needs", ()))}
    values["bundle"] = Kept(files={}, fetch=fetch, **values["bundle"])
    values["options"] = made(Options, values["options"])
    values["secrets"] = tuple((env, secret) for env, secret in values["secrets"])
    return made(Function, values)


def made(kind: type[T], values: Mapping[str, Json]) -> T:
    """Of a record that an older or newer blocklift may have written, what this one knows."""
    names = {f.name for f in fields(kind)}  # type: ignore[arg-type]  # all are dataclasses
    return kind(**{name: value for name, value in values.items() if name in names})
