"""Cloud Run's part as one object: who may call, which revision answers, how it ends.

`ServiceHost` for those who call services, and `deploy`/`remove` for the APIs that make them.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.cloud import Answer, Call, Cloud, Principal
from emulator.host import refusals
from emulator.host.build import Workshop
from emulator.host.errors import InstanceDied, NoCapacity, StartError
from emulator.host.instance import Reply, frame, memory_of
from emulator.host.launch import Launcher
from emulator.host.logbook import Logbook
from emulator.host.pool import Limits, Pool, Resting
from emulator.host.records import Records, Revision, uri_of

MAX_REQUEST = 32 << 20
"""Cloud Run: "Quotas and limits", request of HTTP/1."""
INVOKE = "run.routes.invoke"
EVERYBODY = "allUsers"
INVOKERS = frozenset(("roles/run.invoker", "roles/run.admin", "roles/run.servicesInvoker"))
NOT_PASSED_ON = frozenset(
    ("connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade")
)
SIGNATURE = "SIGNATURE_REMOVED_BY_GOOGLE"
NO_INSTANCE = (
    "The request was aborted because there was no available instance. Additional "
    "troubleshooting documentation can be found at: "
    "https://cloud.google.com/run/docs/troubleshooting#abort-request"
)
TRUNCATED = (
    "The request has been terminated because it has reached the maximum request timeout. To "
    "change this limit, see https://cloud.google.com/run/docs/configuring/request-timeout"
)


@dataclass(frozen=True, slots=True)
class Patience:
    """Waits that a test shortens."""

    start: float = 240.0
    """Seconds that a container may take to listen (Cloud Run: "Container runtime contract")."""
    queue: float = 10.0
    idle: float = 300.0
    resting: int = 64
    """Idle instances that are kept over all services: about 15 MB each."""


class Host:
    """All deployed services of one emulator."""

    def __init__(self, cloud: Cloud, patience: Patience | None = None) -> None:
        self._cloud = cloud
        self._patience = patience or Patience()
        self._pools: dict[tuple[str, str], Pool] = {}
        self._old: set[Pool] = set()
        self.records = Records(cloud.store)
        self.workshop = Workshop(cloud.settings.data, cloud.store)
        self._log = Logbook(cloud)
        self._resting = Resting(self._patience.resting)
        self._launcher = Launcher(cloud, self.workshop, self._log, self._patience.start)

    # -- calling ----------------------------------------------------------------------------

    def service_of_host(self, host: str) -> str | None:
        name = host.partition(":")[0].lower()
        for domain in (".run.app", ".run.localhost"):
            if name.endswith(domain):
                return self.records.find(name.removesuffix(domain))
        return None

    async def call(self, service: str, call: Call, timeout: float) -> Answer:
        """A call from inside the project: Workflows, Scheduler. TimeoutError when the caller's
        patience ends before the function's own limit (504) does.
        """
        revision = self.records.serving(service)
        if revision is None:
            return refusals.unknown()
        if timeout >= revision.timeout:
            return await self._answer(revision, call)
        async with asyncio.timeout(timeout):
            return await self._answer(revision, call)

    async def call_from_outside(self, service: str, call: Call) -> Answer:
        """A call that came over the network: `ingressSettings` may refuse it."""
        revision = self.records.serving(service)
        if revision is None or revision.ingress != "ALLOW_ALL":
            return refusals.unknown()
        return await self._answer(revision, call)

    async def _answer(self, revision: Revision, call: Call) -> Answer:
        headers = {name.lower(): value for name, value in call.headers.items()}
        if refusal := self._refuse(revision, call, headers):
            answer = refusal
            self._log.request(revision, call, answer, 0.0, headers)
            return answer
        started = time.perf_counter()
        headers = passed_on(headers, revision)
        answer = await self._perform(revision, call, headers)
        self._log.request(revision, call, answer, time.perf_counter() - started, headers)
        return answer

    def _refuse(self, revision: Revision, call: Call, headers: Mapping[str, str]) -> Answer | None:
        if len(call.body) > MAX_REQUEST:
            return refusals.too_large()
        token = headers.get("x-serverless-authorization") or headers.get("authorization")
        if self._is_public(revision.service):
            return None
        if not token:
            return refusals.forbidden(call.path)
        caller = self._caller(revision, token)
        if caller is None:
            return refusals.unauthorized(call.path)
        if not self._cloud.access.holds(caller, INVOKE, revision.service):
            return refusals.forbidden(call.path)
        return None

    def _is_public(self, service: str) -> bool:
        return any(
            EVERYBODY in binding.get("members", ()) and binding.get("role") in INVOKERS
            for binding in self._cloud.access.policy(service).get("bindings", ())
        )

    def _caller(self, revision: Revision, token: str) -> Principal | None:
        function = f"https://{revision.location}-{revision.project}.cloudfunctions.net"
        for audience in (uri_of(revision.service), f"{function}/{revision.short}"):
            if caller := self._cloud.identity.bearer_of_id_token(token, audience):
                return caller
        return None

    async def _perform(self, revision: Revision, call: Call, headers: Mapping[str, str]) -> Answer:
        data = frame([call.method, call.path, headers], call.body)
        try:
            reply = await self._pool(revision).ask(data)
        except NoCapacity:
            self._log.system(revision, "WARNING", NO_INSTANCE)
            return refusals.busy()
        except TimeoutError:
            self._log.system(revision, "ERROR", TRUNCATED)
            return refusals.too_late()
        except (InstanceDied, StartError):
            return refusals.died()
        return answer_of(reply)

    # -- deploying --------------------------------------------------------------------------

    def expect(self) -> None:
        """A deployment is on its way: begin with what it will probably need."""
        self._launcher.expect()

    async def deploy(self, revision: Revision, record: Mapping[str, Any]) -> None:
        """Start one instance; only when it is up does the revision take over its service, if
        no other one is pinned there.
        """
        pool = self._pool(revision)
        try:
            await pool.warm()
        except StartError:
            self._pools.pop((revision.service, revision.name), None)
            raise
        before = self.records.serving(revision.service)
        self.records.serve(revision, dict(record))
        self._switched(before)

    def route(self, service: str, revision: str | None) -> None:
        """All calls to this revision, by its full name, or to the newest."""
        before = self.records.serving(service)
        self.records.pin(service, revision)
        self._switched(before)

    def _switched(self, before: Revision | None) -> None:
        """End what served before and does so no more."""
        after = self.records.serving(before.service) if before else None
        if before and after and before.name != after.name:
            self._retire(before)

    def _retire(self, revision: Revision) -> None:
        if pool := self._pools.pop((revision.service, revision.name), None):
            pool.retire()
            self._old = {old for old in self._old if old.size} | {pool}

    async def remove(self, service: str) -> None:
        self.records.remove(service)
        self._cloud.access.forget(service)
        await self.cool(service)

    async def cool(self, service: str) -> None:
        """End every instance of a service; the next call starts one."""
        for key in [key for key in self._pools if key[0] == service]:
            await self._pools.pop(key).stop()

    def processes(self) -> list[dict[str, object]]:
        """Every instance that runs now."""
        return [
            {"service": service, "revision": revision, "pid": one.pid, "requests": one.busy,
             "memory": memory_of(one.pid)}
            for (service, revision), pool in self._pools.items()
            for one in pool.instances
        ]  # fmt: skip

    def _pool(self, revision: Revision) -> Pool:
        key = (revision.service, revision.name)
        if key not in self._pools:
            limits = Limits(
                concurrency=revision.concurrency,
                most=revision.max_instances,
                least=revision.min_instances,
                timeout=revision.timeout,
                queue=self._patience.queue,
                idle=self._patience.idle,
                memory=revision.memory if self._cloud.settings.strict_limits else 0,
            )
            self._pools[key] = Pool(
                lambda on_end: self._launcher.start(revision, on_end), limits, self._resting
            )
        return self._pools[key]

    async def start(self) -> None:
        """Functions of an earlier emulator start when they are called; what takes long of that,
        importing their libraries, begins now.
        """
        revisions = [self.records.serving(record["name"]) for record in self.records.services()]
        self._launcher.prepare([revision for revision in revisions if revision])

    async def stop(self) -> None:
        for pool in (*self._pools.values(), *self._old):
            await pool.stop()
        self._pools.clear()
        await self._launcher.stop()


def of(cloud: Cloud) -> Host:
    """The host of a cloud, as the services see it that deploy to it."""
    assert isinstance(cloud.host, Host), cloud.host
    return cloud.host


def passed_on(headers: Mapping[str, str], revision: Revision) -> dict[str, str]:
    """The request's headers as the container sees them: no usable token, and a trace."""
    kept = {name: value for name, value in headers.items() if name not in NOT_PASSED_ON}
    for name in ("authorization", "x-serverless-authorization"):
        if kept.get(name, "").count(".") == 2:
            kept[name] = f"{kept[name].rpartition('.')[0]}.{SIGNATURE}"
    trace = kept.get("x-cloud-trace-context", "").partition("/")[0] or secrets.token_hex(16)
    span = secrets.randbits(63)
    kept.setdefault("x-cloud-trace-context", f"{trace}/{span};o=1")
    kept.setdefault("traceparent", f"00-{trace:0>32.32}-{span:016x}-01")
    kept.setdefault("host", uri_of(revision.service).removeprefix("https://"))
    kept.setdefault("function-execution-id", secrets.token_urlsafe(9).replace("_", "0"))
    kept.setdefault("x-forwarded-for", "127.0.0.1")
    kept["x-forwarded-proto"] = "https"
    return kept


def answer_of(reply: Reply) -> Answer:
    headers = {name.lower(): value for name, value in reply.headers}
    return Answer(reply.code, headers, reply.body)
