"""googleapis.*: a call of one of Google's APIs, retried and polled to its end.

The answer of the first call is journaled before it is polled: a killed emulator asks how that
operation is going, and does not start another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.drive import catalog, helpers
from emulator.drive.catalog import Documents, Operation, Wanted
from emulator.drive.credentials import Credentials
from emulator.drive.hosts import Hosts
from emulator.drive.http import decoded, prepare
from emulator.drive.network import (
    Answered,
    BrokenError,
    NetworkError,
    RefusedError,
    Sender,
    SlowError,
)
from emulator.drive.perform import Subject, failure
from emulator.drive.polling import Policy, shape_of
from emulator.drive.run import Counted, Run
from emulator.errors import ApiError
from emulator.workflows.effects import ConnectorCall, Failure, HttpCall, Request

Value = Any
CALL_TIMEOUT = 300.0
RETRIES = Policy()
MAX_RETRIES = 5
IDEMPOTENT = frozenset({429, 502, 503, 504})
NON_IDEMPOTENT = frozenset({429, 503})


class Connectors:
    """Performs ConnectorCall."""

    def __init__(
        self,
        network: Sender,
        credentials: Credentials,
        children: helpers.Starts,
        documents: Documents,
        hosts: Hosts,
    ) -> None:
        self._network = network
        self._credentials = credentials
        self.children = children
        self._documents = documents
        self._hosts = hosts

    async def __call__(self, subject: Subject, run: Run, request: Request) -> Value:
        effect = request.effect
        assert isinstance(effect, ConnectorCall)
        if canned := self._hosts.connector(effect.method):
            return content(Answered(*canned))
        try:
            if helper := helpers.named(effect.method):
                return await helper(self, subject, run, request, effect.arguments)
            return await self.generic(subject, run, request, effect.method, effect.arguments)
        except catalog.UnknownConnectorError:
            return Failure(_unknown(effect.method), ("SystemError",))
        except catalog.ArgumentError as error:
            return Failure(f"{effect.method}: {error}", ("TypeError",))
        except ApiError as error:
            return Failure(f"failed to make credentials: {error.message}", ("AuthError",))

    async def generic(
        self,
        subject: Subject,
        run: Run,
        request: Request,
        method: str,
        arguments: Mapping[str, Value],
    ) -> Value:
        """Any method of any API that is described."""
        operation = catalog.at_location(catalog.find(method, self._documents), arguments)
        policy = Policy.of(arguments.get("connector_params"))
        noted = run.noted(request)
        if noted is None:
            wanted = catalog.request(operation, arguments)
            answer = await self._call(subject, run, wanted)
            shape = shape_of(operation, answer)
            if shape is None or policy.skip_polling:
                return answer
            noted = {"answer": answer, "until": run.clock.now() + policy.timeout}
            if not shape.done(answer):
                run.note(request, noted)
        return await self._poll(subject, run, operation, policy, noted)

    async def _poll(
        self,
        subject: Subject,
        run: Run,
        operation: Operation,
        policy: Policy,
        noted: Mapping[str, Value],
    ) -> Value:
        answer, attempt = noted["answer"], 0
        shape = shape_of(operation, answer)
        assert shape is not None
        while not shape.done(answer):
            until = run.clock.now() + policy.delay(attempt)
            if until > noted["until"]:
                late = Failure(f"{operation.name}: operation timed out", ("TimeoutError",))
                return Counted(late, attempt)
            await run.clock.sleep_until(until)
            asked = Wanted("GET", shape.url(operation, answer), {}, b"")
            answer, attempt = await self._call(subject, run, asked), attempt + 1
            if isinstance(answer, Failure):
                return Counted(answer, attempt)
            if not isinstance(answer, dict):
                return Counted(
                    Failure("the operation is not a map", ("ResponseTypeError",)), attempt
                )
        return Counted(shape.result(answer), attempt)

    async def _call(self, subject: Subject, run: Run, wanted: Wanted) -> Value:
        """One call with the connectors' own retries (Workflows: "Connectors", retries)."""
        attempt = 0
        while True:
            answer = await self._once(subject, wanted)
            if attempt == MAX_RETRIES or not _again(wanted.verb, answer):
                return failure(answer) if isinstance(answer, NetworkError) else content(answer)
            await run.clock.sleep_until(run.clock.now() + RETRIES.delay(attempt))
            attempt += 1

    async def _once(self, subject: Subject, wanted: Wanted) -> Answered | NetworkError:
        token = f"Bearer {self._credentials.access_token(subject.account)}"
        call = HttpCall(wanted.verb, wanted.url, wanted.headers, body=wanted.body)
        try:
            return await self._network.send(prepare(call, token), CALL_TIMEOUT)
        except NetworkError as error:
            return error


def content(answer: Answered) -> Value:
    """The body; a code of 400 or more is an HttpError."""
    value = decoded(answer.code, answer.headers, answer.body)
    if answer.code < 400:
        return value["body"]
    message = f"HTTP server responded with error code {answer.code}"
    return Failure(message, ("HttpError",), value)


def _again(verb: str, answer: Answered | NetworkError) -> bool:
    if isinstance(answer, RefusedError):
        return True
    if isinstance(answer, NetworkError):
        return verb == "GET" and isinstance(answer, BrokenError | SlowError)
    return answer.code in (IDEMPOTENT if verb == "GET" else NON_IDEMPOTENT)


def _unknown(method: str) -> str:
    return (
        f"{method} is not known here; the file of hosts may give it an answer: "
        f"'{method}': {{body: …}}"
    )
