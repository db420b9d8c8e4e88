"""Back to an earlier deployment: its functions' revisions, the jobs that run their images, its
definitions, who may call them.

A way back is a plan like any other. Nothing is built as long as the earlier revisions are
there: calls are sent to them, and the definition, written last, follows. What a plan of the
files shows afterwards is what the next deploy will bring forward again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import TypeGuard

from deployer.deployments.history import Deployment, Thing, at
from deployer.deployments.journal import Journal
from deployer.errors import UsageError
from deployer.judging import change, granted_anew, judge_fields, repackaged
from deployer.live import Holdings, Live
from deployer.plan import Action, Change, Plan, refuse_foreign
from deployer.resources import Access, Function, Job, Kind, Known, Resource, Workflow, digest, key

STAYS = "schedules, secrets and data stay as they are"


def chosen(journal: Journal, number: int | None) -> Deployment:
    """The deployment to go back to: a number, or what was before the newest."""
    numbers = journal.numbers()
    well = [n for n, done in numbers.items() if done]
    newest = journal.read(max(well)) if well else None
    if newest is None or newest.purpose == "destroy":
        raise UsageError("nothing is deployed that one could go back from", "blocklift deploy")
    wanted = number or max((n for n in well if n < newest.effective), default=0)
    found = journal.read(wanted) if wanted in well else None
    if found is None or found.purpose == "destroy":
        raise UsageError(no_such(wanted, wanted in numbers), "`blocklift deployments` lists them")
    return found


def no_such(number: int, unfinished: bool) -> str:
    if not number:
        return "there is no earlier deployment to go back to"
    if unfinished:
        return f"deployment {number} did not end well: one cannot go back to it"
    return f"no deployment {number}"


def things_of(deployment: Deployment, pipelines: Collection[str]) -> list[Thing]:
    """Of the named pipelines, or of all."""
    unknown = sorted(set(pipelines) - set(deployment.pipelines))
    if unknown:
        known = ", ".join(deployment.pipelines) or "none"
        text = f"deployment {deployment.number} has no pipeline {', '.join(unknown)}"
        raise UsageError(text, f"its pipelines: {known}")
    own = [t for t in deployment.things if not is_secret(t.resource)]
    chosen = [t for t in own if not pipelines or t.resource.pipeline in pipelines]
    return [
        *chosen,
        *readers(deployment, {t.resource.account for t in chosen if reads(t.resource)}),
    ]


def is_secret(resource: Resource) -> TypeGuard[Access]:
    return isinstance(resource, Access) and resource.on == "secret"


def reads(resource: Resource) -> TypeGuard[Function]:
    return isinstance(resource, Function) and bool(resource.secrets)


def readers(deployment: Deployment, accounts: Collection[str]) -> Iterator[Thing]:
    """What lets these accounts read their secrets. It speaks of nobody else: pipelines that came
    later keep their rights.
    """
    members = {f"serviceAccount:{account}" for account in accounts}
    for thing in deployment.things:
        policy = thing.resource
        if is_secret(policy):
            grants = tuple(one for one in policy.grants if one.member in members)
            if grants:
                about = tuple(sorted({one.member for one in grants}))
                yield replace(thing, resource=replace(policy, grants=grants, about=about))


def alone(things: Sequence[Thing]) -> list[Thing]:
    """Needing only one another: what else they stand on is not touched."""
    there = {key(t.resource) for t in things}
    return [replace(t, resource=narrowed(t.resource, there)) for t in things]


def narrowed(resource: Resource, there: Collection[str]) -> Resource:
    assert isinstance(resource, Function | Job | Access | Workflow)
    return replace(resource, needs=resource.needs & frozenset(there))


def way_back(owner: str, things: Sequence[Thing], holdings: Holdings) -> Plan:
    """What must change so that these are as they were."""
    items = holdings.items
    refuse_foreign(owner, [t.resource for t in things], items)
    known = {name: version for thing in things for name, version in thing.known.items()}
    below = list(granted_anew(list(judged(things, holdings))))
    moved = {c.pipeline for c in below if c.action is not Action.KEEP}
    tops = [
        definition(t.resource, items.get(key(t.resource)), moved)
        for t in things
        if isinstance(t.resource, Workflow)
    ]
    return Plan((*below, *tops), (STAYS,), known)


def judged(things: Sequence[Thing], holdings: Holdings) -> Iterator[Change]:
    """Functions, jobs and policies."""
    items = holdings.items
    for thing in things:
        name = key(thing.resource)
        live = items.get(name)
        if isinstance(thing.resource, Function):
            yield function(thing.resource, thing.revision, live)
        elif isinstance(thing.resource, Job):
            yield job(thing.resource, thing.revision, live, thing.known)
        elif is_secret(thing.resource) and f"{Kind.SECRET}/{thing.resource.id}" not in items:
            continue  # there is nothing any more to be read
        elif isinstance(thing.resource, Access):
            yield access(thing.resource, live, name in holdings.sealed)


def function(resource: Function, revision: str, live: Live | None) -> Change:
    if live is None:
        return change(Action.CREATE, resource, None, "gone since: built again")
    if repackaged(resource, live):
        return change(Action.REPLACE, resource, live, f"packaging: {resource.packaging}")
    if revision and revision == (live.pinned or live.revision):
        return change(Action.KEEP, resource, live)
    if not revision:
        return change(Action.UPDATE, resource, live, "built again from what was kept")
    back = at(resource, revision)
    return change(Action.UPDATE, back, live, f"back to revision {revision}")


def job(resource: Job, revision: str, live: Live | None, known: Known) -> Change:
    """It comes after its function, which is built again where the revision is gone."""
    back = at(resource, revision)
    if live is None:
        return change(Action.CREATE, back, None, "gone since: made again")
    if live.ready and live.digest == digest(resource, known):
        return change(Action.KEEP, resource, live)
    return change(Action.UPDATE, back, live, "back to what it ran")


def access(resource: Access, live: Live | None, sealed: bool) -> Change:
    if live is None:
        there = sealed or not resource.grants
        return change(Action.KEEP if there else Action.CREATE, resource, None)
    return judge_fields(resource, live, resource.fields(), "rights differ")


def definition(resource: Workflow, live: Live | None, moved: Collection[str]) -> Change:
    """Written last. One that is the same is written all the same when anything below it moves:
    it no longer vouches for what the files say.
    """
    if live is None:
        return change(Action.CREATE, resource, None)
    if live.digest != digest(resource, {}):
        return judge_fields(resource, live, resource.fields(), "", Action.UPDATE)
    if resource.pipeline in moved:
        return change(Action.UPDATE, resource, live, "what it stands on changes")
    return change(Action.KEEP, resource, live)
