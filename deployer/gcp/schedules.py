"""Cloud Scheduler: a job per time trigger.

Jobs have no labels, so what others have as labels stands in the description.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from deployer.errors import Conflict
from deployer.gcp.accounts import MARK
from deployer.gcp.failures import Missing
from deployer.gcp.session import Session
from deployer.live import Live, Work
from deployer.resources import (
    HASH_LABEL,
    PIPELINE_LABEL,
    PROJECT_LABEL,
    Kind,
    Schedule,
    digest,
)
from deployer.target import Target

Json = Any
SENT = ("description", "schedule", "timeZone", "httpTarget")
ZONE = "Etc/UTC"
HELD = "blocklift-by-hand=yes"
"""On a job whose state is somebody's decision and not the project's."""
SETTLED = frozenset({"ENABLED", "PAUSED"})


class Schedules:
    """Keeper of Cloud Scheduler's jobs."""

    def __init__(self, target: Target, session: Session, owner: str) -> None:
        self.session = session
        self.owner = owner
        self.parent = f"{target.parent}/jobs"
        self.root = f"{target.endpoints.scheduler}/v1/{self.parent}"

    def list(self, owner: str, wanted: Sequence[Schedule]) -> Sequence[Live]:
        names = {schedule.name for schedule in wanted}
        found = self.session.pages(self.root, "listing schedules", "jobs", {"pageSize": 500})
        lives = map(live_of, found)
        return [live for live in lives if live.owner == owner or live.name in names]

    def put(self, resource: Schedule, live: Live | None, work: Work) -> None:
        if live is None:
            try:
                self.create(resource, work)
                return
            except Conflict as error:
                live = self.ours(resource, error)
        if live.held:
            self.describe(resource, digest(resource, work.known), held=True)
        else:
            self.update(resource, bool(live.fields["paused"]), work)

    def create(self, resource: Schedule, work: Work) -> None:
        """A job begins enabled. One that shall not be gets its digest after it was paused: whoever
        is stopped in between finds it unfinished.
        """
        message = self.message(resource, "" if resource.paused else digest(resource, work.known))
        self.session.post(self.root, f"making schedule {resource.name}", message)
        if resource.paused:
            self.update(resource, False, work)

    def update(self, resource: Schedule, paused: bool, work: Work) -> None:
        url, doing = f"{self.root}/{resource.name}", f"updating schedule {resource.name}"
        if resource.paused is not paused:
            self.session.post(f"{url}:{'pause' if resource.paused else 'resume'}", doing, {})
        self.describe(resource, digest(resource, work.known))

    def describe(self, resource: Schedule, hashed: str, held: bool = False) -> None:
        """All of it but whether it is paused."""
        url, doing = f"{self.root}/{resource.name}", f"updating schedule {resource.name}"
        message = self.message(resource, hashed, held)
        self.session.call("PATCH", url, doing, message, {"updateMask": ",".join(SENT)})

    def hold(self, live: Live, paused: bool, by_hand: bool) -> None:
        """Pause or resume it, marked if that is not what the project's files say."""
        url = f"{self.root}/{live.name}"
        verb = "pause" if paused else "resume"
        doing = f"{verb[:-1]}ing schedule {live.name}"
        if bool(live.fields["paused"]) is not paused:
            self.session.post(f"{url}:{verb}", doing, {})
        told = self.session.get(url, doing).get("description", "").replace(f" {HELD}", "")
        described = {"description": f"{told} {HELD}" if by_hand else told}
        self.session.call("PATCH", url, doing, described, {"updateMask": "description"})

    def ours(self, resource: Schedule, error: Conflict) -> Live:
        found = self.session.get(f"{self.root}/{resource.name}", "reading a schedule")
        live = live_of(found)
        if live.owner != self.owner:
            hint = "it was not made by blocklift for this project: rename the trigger"
            raise Conflict(str(error), hint) from error
        return live

    def message(self, resource: Schedule, hashed: str, held: bool = False) -> Json:
        body = json.dumps({"argument": resource.argument}).encode()
        return {
            "name": f"{self.parent}/{resource.name}",
            "description": self.description(resource, hashed, held),
            "schedule": resource.cron,
            "timeZone": ZONE,
            "httpTarget": {
                "uri": resource.url,
                "httpMethod": "POST",
                "headers": {"Content-Type": "application/json"},
                "body": base64.b64encode(body).decode(),
                "oauthToken": {"serviceAccountEmail": resource.account},
            },
        }

    def description(self, resource: Schedule, hashed: str, held: bool) -> str:
        marks = {
            PROJECT_LABEL: self.owner,
            PIPELINE_LABEL: resource.pipeline,
            HASH_LABEL: hashed,
        }
        told = " ".join(f"{k}={v}" for k, v in marks.items())
        title = resource.title[: LONGEST - len(told) - len(HELD) - 2]
        return f"{title} {told} {HELD}" if held else f"{title} {told}"

    def drop(self, live: Live) -> None:
        url = f"{self.root}/{live.name}"
        try:
            self.session.call("DELETE", url, f"deleting schedule {live.name}")
        except Missing:
            return


LONGEST = 500
"""Cloud Scheduler: Job.description."""


def live_of(data: Mapping[str, Json]) -> Live:
    marks = dict(MARK.findall(data.get("description", "")))
    name = str(data["name"]).rsplit("/", 1)[-1]
    target = data.get("httpTarget") or {}
    return Live(
        Kind.SCHEDULE,
        name,
        name,
        owner=marks.get(PROJECT_LABEL, ""),
        pipeline=marks.get(PIPELINE_LABEL, ""),
        digest=marks.get(HASH_LABEL, ""),
        ready=data.get("state", "ENABLED") in SETTLED,
        held=HELD in data.get("description", "").split(),
        fields={
            "cron": data.get("schedule", ""),
            "url": target.get("uri", ""),
            "argument": argument_of(target),
            "account": (target.get("oauthToken") or {}).get("serviceAccountEmail", ""),
            "paused": data.get("state") == "PAUSED",
        },
    )


def argument_of(target: Mapping[str, Json]) -> str:
    """What the job sends; empty when it is not of our making."""
    try:
        return str(json.loads(base64.b64decode(target.get("body", "")))["argument"])
    except (ValueError, KeyError, TypeError):
        return ""
