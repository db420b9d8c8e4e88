"""What is wanted × what is there → what must change, and why. Pure: no call is made here.

changes   what a plan is
judging   what must happen to one thing
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from deployer.changes import Action, Change, FieldChange, Plan
from deployer.errors import Conflict
from deployer.judging import granted_anew, judge, needs_push
from deployer.live import Holdings, Live
from deployer.resources import Digests, Kind, Resource, Secret, Workflow, key

__all__ = ["Action", "Change", "FieldChange", "Plan", "plan", "refuse_foreign", "teardown"]


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
