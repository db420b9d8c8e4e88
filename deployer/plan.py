"""What is wanted × what is there → what must change, and why. Pure: no call is made here.

Printing a plan and performing it are two readers of the same tuple of changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from deployer.errors import Conflict
from deployer.live import Holdings, Live, value_digest
from deployer.naming import label
from deployer.packaging.choice import FUNCTIONS
from deployer.resources import (
    Access,
    Digests,
    Function,
    Kind,
    Known,
    Resource,
    Secret,
    VersionOf,
    Workflow,
    key,
    placeholders,
    resolved,
)

Json = Any


class Action(StrEnum):
    """What happens to one thing."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    KEEP = "keep"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, from what the target has to what it shall have."""

    name: str
    was: Json
    will: Json
    why: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One item of a plan."""

    action: Action
    kind: Kind
    name: str
    title: str
    reason: str = ""
    fields: tuple[FieldChange, ...] = ()
    pipeline: str = ""
    needs: frozenset[str] = frozenset()
    resource: Resource | None = None
    live: Live | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.name}"

    def to_json(self) -> dict[str, Json]:
        return {
            "action": self.action,
            "key": self.key,
            "title": self.title,
            "reason": self.reason,
            "fields": [field_json(f) for f in self.fields],
        }


def field_json(field: FieldChange) -> dict[str, Json]:
    told = {"name": field.name, "from": field.was, "to": field.will}
    return {**told, "why": field.why} if field.why else told


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a project needs in a target, each with what must happen to it."""

    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()
    known: Known = field(default_factory=dict)
    """Versions of secrets that stay as they are."""

    @property
    def writes(self) -> tuple[Change, ...]:
        return tuple(c for c in self.changes if c.action is not Action.KEEP)

    def count(self, action: Action) -> int:
        return sum(change.action is action for change in self.changes)

    def only(self, pipelines: Collection[str]) -> Plan:
        """Nothing but these pipelines and what they share; nothing shared is deleted."""
        chosen = tuple(c for c in self.changes if chosen_by(c, pipelines))
        return replace(self, changes=chosen)

    def below(self, top: str) -> Plan:
        """Nothing but one thing and all that it needs."""
        needs = {change.key: change.needs for change in self.changes}
        wanted, waiting = set[str](), [top]
        while waiting:
            name = waiting.pop()
            if name not in wanted:
                wanted.add(name)
                waiting.extend(needs.get(name, ()))
        return replace(self, changes=tuple(c for c in self.changes if c.key in wanted))

    def to_json(self) -> dict[str, Json]:
        return {
            "changes": [change.to_json() for change in self.changes],
            "notes": list(self.notes),
            "would_change": bool(self.writes),
        }


def chosen_by(change: Change, pipelines: Collection[str]) -> bool:
    if change.pipeline:
        return change.pipeline in {*pipelines, *map(label, pipelines)}
    return change.action is not Action.DELETE


def plan(
    owner: str, desired: Sequence[Resource], holdings: Holdings, notes: Sequence[str] = ()
) -> Plan:
    """Creations and updates in the order of `desired`, then deletions, last made first."""
    refuse_foreign(owner, desired, holdings.items)
    digests = digests_of(desired, holdings)
    seals = wanted_seals(desired, digests)
    judged = [judge(r, holdings, digests, seals.get(key(r), "")) for r in desired]
    wanted = list(granted_anew(judged))
    gone = deletions(owner, desired, holdings.items)
    return Plan((*wanted, *gone), tuple(notes), digests.known)


def refuse_foreign(owner: str, desired: Sequence[Resource], items: Mapping[str, Live]) -> None:
    """A thing of the same name that somebody else made is never touched."""
    foreign = [
        live for resource in desired if (live := items.get(key(resource))) and live.owner != owner
    ]
    if foreign:
        names = "\n".join(f"  {live.kind} {live.name} ({owned_by(live)})" for live in foreign)
        hint = "choose another project_id or rename the pipeline, or remove them by hand"
        raise Conflict(f"these exist in the target and are not of {owner}:\n{names}", hint)


def owned_by(live: Live) -> str:
    return f"made for project {live.owner}" if live.owner else "not made by blocklift"


def granted_anew(changes: Sequence[Change]) -> Iterator[Change]:
    """What is replaced loses its policy."""
    fresh = {c.key for c in changes if c.action is Action.REPLACE}
    for one in changes:
        lost = one.kind is Kind.ACCESS and one.action is Action.KEEP and one.needs & fresh
        because = "what it is about is made anew"
        yield replace(one, action=Action.UPDATE, reason=because) if lost else one


def digests_of(desired: Sequence[Resource], holdings: Holdings) -> Digests:
    """Those of the look that was taken, if its versions of secrets are to stay."""
    known = certain(desired, holdings)
    found = holdings.digests
    return found if found and found.known == known else Digests(known)


def certain(desired: Sequence[Resource], holdings: Holdings) -> dict[str, str]:
    """Versions that will still be the newest when the plan has been performed."""
    known = holdings.known
    for resource in desired:
        if isinstance(resource, Secret) and needs_push(resource, holdings.items.get(key(resource))):
            known.pop(key(resource), None)
    return known


def needs_push(secret: Secret, live: Live | None) -> bool:
    if secret.value is None:
        return False
    return not live or not live.version or live.value_digest != value_digest(secret.value)


def wanted_seals(desired: Sequence[Resource], digests: Digests) -> dict[str, str]:
    """Workflows whose seal can be told already; a new secret's version is not known yet."""
    resources = {key(r): r for r in desired}
    seals = {}
    for name, resource in resources.items():
        if isinstance(resource, Workflow):
            try:
                seals[name] = digests.seal(resource, resources)
            except KeyError:
                continue
    return seals


def judge(resource: Resource, holdings: Holdings, digests: Digests, wanted_seal: str) -> Change:
    """What must happen to one wanted thing."""
    live = holdings.items.get(key(resource))
    if live is None:
        sealed = key(resource) in holdings.sealed or nothing(resource)
        made = change(Action.KEEP if sealed else Action.CREATE, resource, None)
        return explained(made, resource) if isinstance(resource, Access) else made
    if isinstance(resource, Secret):
        return judge_secret(resource, live)
    if isinstance(resource, Access):
        judged = judge_fields(resource, live, resource.fields(), "rights differ")
        return explained(judged, resource)
    if not live.ready:
        action = Action.REPLACE if live.broken else Action.UPDATE
        return change(action, resource, live, "its last deploy failed")
    return judge_digest(resource, live, digests, wanted_seal)


def nothing(resource: Resource) -> bool:
    """A policy in which we want nothing: there is nothing to make."""
    return isinstance(resource, Access) and not resource.grants


def explained(judged: Change, access: Access) -> Change:
    """Rights that come, each with its reason."""
    if judged.action is Action.KEEP:
        return judged
    why = access.reasons()
    fields = judged.fields or tuple(differences({}, access.fields()))
    return replace(judged, fields=tuple(replace(f, why=why.get(f.name, "")) for f in fields))


def judge_secret(secret: Secret, live: Live) -> Change:
    if not live.version and secret.value is None:
        return change(Action.KEEP, secret, live, "has no value yet")
    if needs_push(secret, live):
        return change(Action.UPDATE, secret, live, "new value")
    return change(Action.KEEP, secret, live)


def judge_digest(resource: Resource, live: Live, digests: Digests, wanted_seal: str) -> Change:
    """By the digest of what was sent last; fields only tell what it is that differs."""
    fresh = [p for p in placeholders(resource) if p.key not in digests.known]
    if isinstance(resource, Function) and repackaged(resource, live):
        differing = tuple(differences(live.fields, resolved_or_shown(resource, digests.known)))
        replaced = change(Action.REPLACE, resource, live, f"packaging: {resource.packaging}")
        return replace(replaced, fields=differing)
    if live.pinned and not fresh and live.digest == digests.of(resource):
        return change(Action.UPDATE, resource, live, "rolled back: an earlier revision serves")
    if fresh:
        names = ", ".join(sorted({p.secret for p in fresh}))
        return change(Action.UPDATE, resource, live, f"new version of secret {names}")
    if live.digest != digests.of(resource):
        fields = resolved(resource.fields(), digests.known)
        return judge_fields(resource, live, fields, "", Action.UPDATE)
    if isinstance(resource, Workflow) and live.seal != wanted_seal:
        reason = "what it stands on changes"
        return change(Action.UPDATE, resource, live, reason)
    return change(Action.KEEP, resource, live)


def repackaged(function: Function, live: Live) -> bool:
    """Another way of building is another thing behind the same name."""
    return str(live.fields.get("packaging") or FUNCTIONS) != function.packaging


def resolved_or_shown(resource: Resource, known: Known) -> dict[str, Json]:
    """As far as versions are known already."""
    return {
        name: known.get(value.key, shown(value)) if isinstance(value, VersionOf) else value
        for name, value in resource.fields().items()
    }


def judge_fields(
    resource: Resource,
    live: Live,
    fields: Mapping[str, Json],
    reason: str,
    otherwise: Action = Action.KEEP,
) -> Change:
    differing = tuple(differences(live.fields, fields))
    if not differing:
        because = "" if otherwise is Action.KEEP else "another version of blocklift made it"
        return change(otherwise, resource, live, because)
    reason = reason or ", ".join(f.name for f in differing) + " changed"
    return replace(change(Action.UPDATE, resource, live, reason), fields=differing)


def differences(was: Mapping[str, Json], will: Mapping[str, Json]) -> Iterator[FieldChange]:
    for name in sorted({*was, *will}):
        if was.get(name) != will.get(name):
            yield FieldChange(name, was.get(name), shown(will.get(name)))


def shown(value: Json) -> Json:
    return f"newest of {value.secret}" if isinstance(value, VersionOf) else value


def change(action: Action, resource: Resource, live: Live | None, reason: str = "") -> Change:
    return Change(
        action,
        resource.kind,
        resource.name,
        resource.title,
        reason,
        pipeline=resource.pipeline,
        needs=resource.needs,
        resource=resource,
        live=live,
    )


LAST_FIRST = (
    Kind.EVENT,
    Kind.SCHEDULE,
    Kind.WORKFLOW,
    Kind.ACCESS,
    Kind.JOB,
    Kind.FUNCTION,
    Kind.SECRET,
    Kind.ACCOUNT,
)
"""Order of deletions. Buckets hold data and go only when `destroy` is told so."""


def deletions(
    owner: str, desired: Sequence[Resource], items: Mapping[str, Live]
) -> Iterator[Change]:
    wanted = {key(resource) for resource in desired}
    gone = [live for name, live in items.items() if live.owner == owner and name not in wanted]
    for kind in LAST_FIRST:
        yield from (removal(live) for live in gone if live.kind is kind)


def removal(live: Live, reason: str = "no longer in the project") -> Change:
    return Change(
        Action.DELETE,
        live.kind,
        live.name,
        live.title,
        reason,
        pipeline=live.pipeline,
        live=live,
    )


def teardown(owner: str, holdings: Holdings, with_buckets: bool) -> Plan:
    """Delete all that is ours; buckets hold data and go only when asked."""
    ours = [live for live in holdings.items.values() if live.owner == owner]
    kinds = (*LAST_FIRST, Kind.BUCKET) if with_buckets else LAST_FIRST
    gone = [live for kind in kinds for live in ours if live.kind is kind and not empty(live)]
    kept = [live for live in ours if live.kind not in kinds]
    notes = [f"{live.kind} {live.name} and what is in it stay; --data deletes it" for live in kept]
    return Plan(tuple(removal(live, "destroy") for live in gone), tuple(notes))


def empty(live: Live) -> bool:
    """A policy in which nothing is ours needs no change."""
    return live.kind is Kind.ACCESS and not live.fields
