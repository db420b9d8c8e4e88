"""The methods of Cloud Scheduler v1, for either wire."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from emulator.clock import rfc3339
from emulator.cloud import Cloud, Principal
from emulator.drive.names import known
from emulator.errors import ApiError, invalid
from emulator.rpc.listing import page
from emulator.rpc.method import Request
from emulator.services.scheduler import rules
from emulator.services.scheduler.ticker import KIND, Ticker
from emulator.wire import apply_mask, camel

Json = Any
_PARENT = re.compile(r"projects/([^/]+)/locations/([^/]+)")
_NAME = re.compile(_PARENT.pattern + r"/jobs/([^/:]+)")


class SchedulerApi:
    """Keeps jobs; calling their targets is the ticker's."""

    def __init__(self, cloud: Cloud, ticker: Ticker) -> None:
        self._cloud = cloud
        self._store = cloud.store
        self._ticker = ticker

    # -- reading ---------------------------------------------------------------------------------

    async def list_jobs(self, caller: Principal, request: Request) -> Json:
        parent = self._parent(request["parent"])
        self._cloud.access.require(caller, "cloudscheduler.jobs.list", parent)
        found = [job for _, job in self._store.list(KIND, f"{parent}/jobs/")]
        return page(request, found, "jobs", default=500, most=500)

    async def get(self, caller: Principal, request: Request) -> Json:
        return self._job(self._named(caller, "get", request["name"]))

    # -- changing --------------------------------------------------------------------------------

    async def create(self, caller: Principal, request: Request) -> Json:
        parent, given = self._parent(request["parent"]), request.get("job") or {}
        self._cloud.access.require(caller, "cloudscheduler.jobs.create", parent)
        name = self._name(given.get("name") or f"{parent}/jobs/{uuid.uuid4()}")
        if not name.startswith(f"{parent}/"):
            raise invalid(f"Job name '{name}' must start with '{parent}/'.")
        rules.job_id(name.rpartition("/")[2])
        job = {
            field: given[field] for field in (*rules.SETTABLE, *rules.ELSEWHERE) if field in given
        }
        job |= {"name": name, "state": "ENABLED"}
        if not self._store.create(KIND, name, self._complete(caller, job)):
            raise ApiError("ALREADY_EXISTS", f"Job {name} already exists.")
        return self._armed(name)

    async def update(self, caller: Principal, request: Request) -> Json:
        given = request.get("job") or {}
        name = self._named(caller, "update", given.get("name", ""))
        job = self._job(name)
        paths = mask(request.get("updateMask") or "", given)
        apply_mask(job, given, paths)
        _keep_one_target(job, paths)
        self._store.put(KIND, name, self._complete(caller, job))
        return self._armed(name)

    async def delete(self, caller: Principal, request: Request) -> Json:
        name = self._named(caller, "delete", request["name"])
        self._job(name)
        self._store.delete(KIND, name)
        self._ticker.arm(name)
        return {}

    async def pause(self, caller: Principal, request: Request) -> Json:
        name = self._named(caller, "pause", request["name"])
        return self._switch(name, "ENABLED", "PAUSED")

    async def resume(self, caller: Principal, request: Request) -> Json:
        name = self._named(caller, "enable", request["name"])
        return self._switch(name, "PAUSED", "ENABLED")

    async def run(self, caller: Principal, request: Request) -> Json:
        name = self._named(caller, "run", request["name"])
        job = self._job(name)
        self._ticker.force(name)
        return job

    def _switch(self, name: str, was: str, will: str) -> Json:
        job = self._job(name)
        if job["state"] != was:
            message = f"Job {name} is {job['state']}; it must be {was} to become {will}."
            raise ApiError("FAILED_PRECONDITION", message)
        self._store.put(KIND, name, {**job, "state": will})
        return self._armed(name)

    def _complete(self, caller: Principal, job: dict[str, Json]) -> dict[str, Json]:
        """Check what was given, and add what Google adds."""
        now = self._cloud.clock.now()
        whole = rules.completed(job, now)
        self._check_topic(whole)
        if account := rules.account_of(whole):
            project = whole["name"].split("/")[1]
            resource = f"projects/{project}/serviceAccounts/{account}"
            self._cloud.access.require(caller, "iam.serviceAccounts.actAs", resource)
        return {**whole, "userUpdateTime": rfc3339(now)}

    def _check_topic(self, job: Mapping[str, Json]) -> None:
        """Cloud Scheduler: PubsubTarget.topicName."""
        topic = (job.get("pubsubTarget") or {}).get("topicName", "")
        if topic and known(topic.split("/")[1], self._cloud.projects) != job["name"].split("/")[1]:
            raise invalid("PubsubTarget.topicName must be of the job's own project.")

    def _armed(self, name: str) -> Json:
        self._ticker.arm(name)
        return self._job(name)

    # -- names -----------------------------------------------------------------------------------

    def _job(self, name: str) -> dict[str, Json]:
        job: dict[str, Json] | None = self._store.get(KIND, name)
        if job is None:
            raise ApiError("NOT_FOUND", "Job not found.")
        return job

    def _named(self, caller: Principal, verb: str, text: str) -> str:
        name = self._name(text)
        self._cloud.access.require(caller, f"cloudscheduler.jobs.{verb}", name)
        return name

    def _name(self, text: str) -> str:
        found = _NAME.fullmatch(text)
        if not found:
            raise invalid(f"'{text}' is not the name of a job.")
        project, location, job = found.groups()
        return f"projects/{known(project, self._cloud.projects)}/locations/{location}/jobs/{job}"

    def _parent(self, text: str) -> str:
        return self._name(f"{text}/jobs/any").removesuffix("/jobs/any")


def _keep_one_target(job: dict[str, Json], paths: list[str]) -> None:
    """A target that is set takes the place of another kind's, as in any `oneof`."""
    changed = {path.partition(".")[0] for path in paths}
    if any(field in job for field in changed.intersection(rules.TARGETS)):
        for field in set(rules.TARGETS) - changed:
            job.pop(field, None)


def mask(text: str, given: Mapping[str, Json]) -> list[str]:
    """Paths of an update mask; without one, every settable field of the body."""
    settable = (*rules.SETTABLE, *rules.ELSEWHERE)
    paths = [camel(path.strip()) for path in text.split(",") if path.strip()]
    if not paths or paths == ["*"]:
        return [field for field in settable if field in given]
    paths = [path for path in paths if path != "name"]
    if wrong := [path for path in paths if path.partition(".")[0] not in settable]:
        raise invalid(f"Invalid field mask: '{', '.join(wrong)}' cannot be updated.")
    return paths
