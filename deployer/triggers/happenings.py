"""Event triggers → what Eventarc shall tell pipelines, and what becomes of those it cannot.

Two ways lead here: Mage's triggers with `schedule_type: event`, whose matchers name S3 buckets
(the bucket of that name in this target stands for it), and `events:` in blocklift.yaml:

events:
- pipeline: load_file
  bucket: my-project-arrivals
  prefix: in/                  # optional, as suffix
  when: finalized              # or deleted, archived, metadataUpdated
  variables: {source: arrivals}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployer.errors import Problem, ProjectError
from deployer.load.document import mapping_of, text_of
from deployer.model import Pipeline, Place, Project, Trigger
from deployer.naming import event_id, workflow_id
from deployer.resources import Account, Event, Kind, key
from deployer.rights.grants import Rights
from deployer.target import Target
from deployer.triggers.relay import DETAIL_TYPES, Relay
from deployer.triggers.timed import wanted_in

Json = Any
PREFIX = "google.cloud.storage.object.v1."
WHEN = ("finalized", "deleted", "archived", "metadataUpdated")
KEYS = ("pipeline", "bucket", "name", "prefix", "suffix", "when", "variables")
S3 = "aws.s3"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One sort of event in one bucket."""

    bucket: str
    when: str
    is_aws: bool
    pattern: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Happenings:
    """What starts pipelines in one target, beside people and the clock."""

    rights: Rights
    target: Target

    def account(self) -> Account:
        """Receives events and starts workflows, and nothing else."""
        purpose = "starts pipelines when something happens"
        made = self.rights.account(purpose, "", self.rights.project.name, "events")
        roles = ("roles/eventarc.eventReceiver",)
        return Account(made.name, made.email, made.purpose, roles=roles)

    def triggers(self) -> Iterator[tuple[Pipeline, Trigger]]:
        """A preview runs when it is told to; what is inactive is not there: Eventarc has no
        pause.
        """
        written = from_settings(self.rights.project)
        for pipeline in self.rights.pipelines:
            own = [t for t in pipeline.triggers if t.kind == "event" and t.active]
            for trigger in (*own, *written.get(str(pipeline.id), ())):
                if wanted_in(trigger, self.target) and not pipeline.suffix:
                    yield pipeline, trigger

    def events(self) -> Iterator[Event]:
        for pipeline, trigger in self.triggers():
            wanted = [one for matcher in trigger.matchers for one in wanted_of(matcher)]
            for number, one in enumerate(wanted):
                yield self.event(pipeline, trigger, one, number if len(wanted) > 1 else None)

    def event(
        self, pipeline: Pipeline, trigger: Trigger, wanted: Wanted, number: int | None
    ) -> Event:
        account, workflow = self.account(), workflow_id(pipeline)
        needs = {key(account), f"{Kind.WORKFLOW}/{workflow}"}
        needs.add(f"{Kind.ACCESS}/project/{self.target.project_id}")
        if self.target.makes_data_buckets and wanted.bucket in self.target.buckets:
            needs.add(f"{Kind.BUCKET}/{wanted.bucket}")
        relay = Relay(
            self.target.starter(workflow),
            PREFIX + wanted.when,
            wanted.is_aws,
            wanted.pattern,
            argument(trigger),
        )
        ordinal = "" if number is None else f"-{number + 1}"
        return Event(
            event_id(pipeline, f"{trigger.name}{ordinal}"),
            f"{pipeline.id}/{trigger.name}{ordinal}",
            relay.type,
            wanted.bucket,
            relay.source,
            account.email,
            pipeline.id,
            frozenset(needs),
        )

    def notes(self) -> Iterator[str]:
        """Triggers that nothing here can fire."""
        for pipeline, trigger in self.triggers():
            if not any(True for matcher in trigger.matchers for _ in wanted_of(matcher)):
                yield (
                    f"{pipeline.id}: event trigger {trigger.name} gets no Eventarc trigger: its "
                    "matchers name no bucket of aws.s3; say which bucket under `events:` in "
                    "blocklift.yaml"
                )
        made = {*self.target.buckets, self.target.bucket}
        for event in self.events():
            if self.target.is_local and event.bucket not in made:
                yield (
                    f"{event.title} waits for bucket {event.bucket}, which is not among `buckets:`"
                    " of this target"
                )


def argument(trigger: Trigger) -> dict[str, Json]:
    """Of each run; the relay adds the event."""
    about: dict[str, Json] = {"name": trigger.name, "type": trigger.kind}
    if trigger.settings.get("allow_blocks_to_fail"):
        about["allow_blocks_to_fail"] = True
    return {"variables": dict(trigger.variables), "trigger": about}


def wanted_of(matcher: Mapping[str, Json]) -> Iterator[Wanted]:
    """Of one matcher; none when it speaks of what no bucket tells."""
    pattern = mapping_of(matcher.get("pattern"))
    if matcher.get("event_type") == "google_event":
        yield Wanted(pattern["bucket"], pattern["when"], False, mapping_of(pattern.get("also")))
        return
    if S3 not in _listed(pattern.get("source", S3)):
        return
    detail = mapping_of(pattern.get("detail"))
    told = _listed(pattern.get("detail-type", list(DETAIL_TYPES.values())))
    for bucket in _listed(mapping_of(detail.get("bucket")).get("name", [])):
        for when, name in DETAIL_TYPES.items():
            if name in told and isinstance(bucket, str):
                yield Wanted(bucket, when, True, pattern)


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


# -- blocklift.yaml --------------------------------------------------------------------------


def from_settings(project: Project) -> dict[str, list[Trigger]]:
    """`events:` by pipeline, as the triggers that Mage has no way to write."""
    path = project.root / "blocklift.yaml"
    problems = list(mistakes(project, path))
    if problems:
        raise ProjectError(problems)
    found: dict[str, list[Trigger]] = {}
    for number, entry in enumerate(project.settings.get("events") or (), 1):
        found.setdefault(text_of(entry["pipeline"]), []).append(_trigger(entry, path, number))
    return found


def _trigger(entry: Mapping[str, Json], path: Path, number: int) -> Trigger:
    ends = {end: text_of(entry[end]) for end in ("prefix", "suffix") if entry.get(end)}
    pattern = {
        "bucket": text_of(entry["bucket"]),
        "when": text_of(entry.get("when")) or WHEN[0],
        "also": {"data": {"name": [ends]}} if ends else {},
    }
    return Trigger(
        name=text_of(entry.get("name")) or f"event-{number}",
        kind="event",
        place=Place(path, 0),
        variables=mapping_of(entry.get("variables")),
        matchers=({"event_type": "google_event", "pattern": pattern},),
    )


def mistakes(project: Project, path: Path) -> Iterator[Problem]:
    written = project.settings.get("events") or ()
    known = {str(pipeline.id) for pipeline in project.pipelines}
    for number, entry in enumerate(written if isinstance(written, list) else (), 1):
        if not isinstance(entry, Mapping):
            yield Problem(path, 0, f"events: entry {number} should be keys and values")
            continue
        for told in _mistakes(entry, known):
            yield Problem(path, 0, f"events: entry {number}: {told}")


def _mistakes(entry: Mapping[str, Json], known: set[str]) -> Iterator[str]:
    for unknown in sorted(str(name) for name in entry if name not in KEYS):
        yield f"unknown key {unknown!r} (known: {', '.join(KEYS)})"
    if text_of(entry.get("pipeline")) not in known:
        yield f"there is no pipeline {text_of(entry.get('pipeline'))!r}"
    if not text_of(entry.get("bucket")):
        yield "bucket is missing"
    if (when := text_of(entry.get("when")) or WHEN[0]) not in WHEN:
        yield f"when should be one of {', '.join(WHEN)}, not {when!r}"
