"""What must happen to one wanted thing, given what is there of it. Pure, as all planning is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from deployer.changes import Action, Change, FieldChange
from deployer.live import Holdings, Live, value_digest
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


def needs_push(secret: Secret, live: Live | None) -> bool:
    if secret.value is None:
        return False
    return not live or not live.version or live.value_digest != value_digest(secret.value)


def granted_anew(changes: Sequence[Change]) -> Iterator[Change]:
    """What is replaced loses its policy."""
    fresh = {c.key for c in changes if c.action is Action.REPLACE}
    for one in changes:
        lost = one.kind is Kind.ACCESS and one.action is Action.KEEP and one.needs & fresh
        because = "what it is about is made anew"
        yield replace(one, action=Action.UPDATE, reason=because) if lost else one
