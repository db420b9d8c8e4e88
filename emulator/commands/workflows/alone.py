"""The world of a workflow that runs outside an emulator: nothing is kept, http is real.

Functions and Google's APIs are reached through an emulator when one is named; without one,
a call of them says what is missing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.request import Request as UrlRequest
from urllib.request import urlopen

import orjson

from emulator.drive.children import result
from emulator.drive.connectors import content
from emulator.drive.credentials import Credentials
from emulator.drive.documents import json_text
from emulator.drive.hosts import Hosts
from emulator.drive.http import Prepared, prepare
from emulator.drive.names import WorkflowName
from emulator.drive.network import Answered, NetworkError, RefusedError, SlowError, Wire
from emulator.drive.perform import Subject, failure
from emulator.drive.run import Run
from emulator.workflows.effects import Failure, HttpCall, Request, RunChild

Json = Any
Value = Any
EXECUTIONS = "https://workflowexecutions.googleapis.com"
HERE = (".googleapis.com", ".run.app", ".cloudfunctions.net")
MISSING = "{host} is answered by an emulator: name a running one with --emulator URL"


class Ways:
    """Where requests go: to a mapped host, to the emulator that was named, or out."""

    def __init__(self, outside: Wire, hosts: Hosts, emulator: str | None, most: int) -> None:
        self._outside = outside
        self._hosts = hosts
        self._emulator = emulator
        self._most = most

    async def send(self, request: Prepared, timeout: float) -> Answered:
        try:
            async with asyncio.timeout(timeout):
                return await self._send(request)
        except TimeoutError:
            raise SlowError from None

    async def _send(self, request: Prepared) -> Answered:
        rule = self._hosts.rule(request.url)
        if rule and rule.canned:
            return Answered(*rule.canned)
        if rule:
            request = rule.redirected(request)
        elif request.host.endswith(HERE):
            request = self._through_emulator(request)
        return await self._outside.send(request, self._most)

    def _through_emulator(self, request: Prepared) -> Prepared:
        if not self._emulator:
            raise RefusedError(MISSING.format(host=request.host))
        path = request.url.split("://", 1)[1].partition("/")[2]
        headers = {"Host": request.host, **request.headers}
        url = f"{self._emulator.rstrip('/')}/{path}"
        return Prepared(request.method, url, request.host, headers, request.body)

    async def warm(self) -> None:
        await self._outside.warm()

    async def close(self) -> None:
        await self._outside.close()


class Guest:
    """Tokens of the workflow's service account, from the emulator that was named."""

    def __init__(self, emulator: str | None) -> None:
        self._emulator = emulator

    def access_token(self, account: str) -> str:
        scope = ["https://www.googleapis.com/auth/cloud-platform"]
        return self._made(account, "generateAccessToken", {"scope": scope}, "accessToken")

    def id_token(self, account: str, audience: str) -> str:
        wanted = {"audience": audience, "includeEmail": True}
        return self._made(account, "generateIdToken", wanted, "token")

    def _made(self, account: str, verb: str, wanted: Json, field: str) -> str:
        """Without an emulator nobody checks a token: any will do."""
        if not self._emulator:
            return "nobody-checks-this"
        url = f"{self._emulator}/v1/projects/-/serviceAccounts/{account}:{verb}"
        headers = {"Content-Type": "application/json"}
        request = UrlRequest(url, json.dumps(wanted).encode(), headers, method="POST")  # noqa: S310 - given by the user
        with urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
            return str(json.load(answer)[field])


def hosts_of(file: Path | None) -> Hosts:
    return Hosts.read(file) if file else Hosts()


class Said:
    """The log service of a workflow that runs alone: its lines are shown as they come."""

    def __init__(self, show: Any) -> None:
        self._show = show

    def write(self, entry: Mapping[str, Json]) -> None:
        self._show(entry)


class Strangers:
    """Other workflows, run by the emulator that was named."""

    def __init__(self, ways: Ways, credentials: Credentials) -> None:
        self._ways = ways
        self._credentials = credentials

    async def __call__(self, subject: Subject, run: Run, request: Request) -> Value:
        effect = request.effect
        assert isinstance(effect, RunChild)
        mine = subject.name.workflow
        workflow = WorkflowName(
            effect.project_id or mine.project, effect.location or mine.location, effect.workflow_id
        )
        return await self.start(subject, run, request, workflow, effect.argument)

    async def start(
        self,
        subject: Subject,
        run: Run,
        request: Request,
        workflow: WorkflowName,
        argument: Value,
        wait: bool = True,
    ) -> Value:
        token = f"Bearer {self._credentials.access_token(subject.account)}"
        body = orjson.dumps({"argument": json_text(argument)})
        made = await self._asked(token, "POST", f"{workflow}/executions", body)
        while wait and not isinstance(made, Failure) and made["state"] in {"ACTIVE", "QUEUED"}:
            await run.clock.sleep_until(run.clock.now() + 0.2)
            made = await self._asked(token, "GET", made["name"])
        if isinstance(made, Failure) or not wait:
            return made if isinstance(made, Failure) else None
        return result(made)

    async def _asked(self, token: str, method: str, name: str, body: bytes = b"") -> Value:
        headers = {"Content-Type": "application/json"}
        call = HttpCall(method, f"{EXECUTIONS}/v1/{name}", headers, body=body)
        try:
            return content(await self._ways.send(prepare(call, token), 60))
        except NetworkError as error:
            return failure(error)
