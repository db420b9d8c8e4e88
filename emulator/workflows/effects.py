"""What a running workflow asks of the world, and what it is told.

The machine never touches a socket, a clock or a thread: it yields `Request`s and is sent
`Reply`s. Given the same program, argument, environment and the same replies in the same
order, it always does the same: that is what makes the journal enough to go on after a crash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Value = Any
"""A Workflows value: None, bool, int (64 bit), float, str, bytes, list, dict with str keys."""


@dataclass(frozen=True, slots=True)
class Now:
    """sys.now: reply is a float, Unix seconds."""


@dataclass(frozen=True, slots=True)
class Uuid:
    """uuid.generate: reply is a string."""


@dataclass(frozen=True, slots=True)
class Sleep:
    """sys.sleep and retry backoff; reply is None. The driver journals the deadline at once."""

    seconds: float


@dataclass(frozen=True, slots=True)
class SleepUntil:
    """sys.sleep_until; Unix seconds. Reply is None."""

    deadline: float


@dataclass(frozen=True, slots=True)
class Log:
    """sys.log; reply is None. `payload` is a string or a map."""

    payload: Value
    severity: str


@dataclass(frozen=True, slots=True)
class HttpCall:
    """http.*; reply is {"code": int, "headers": map, "body": value}, whatever the code.

    The machine turns codes ≥ 400 into HttpError. Transport failures come as `Failure` with
    the tags of the standard library (ConnectionError, ConnectionFailedError, TimeoutError,
    AuthError).
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Value] = field(default_factory=dict)
    body: Value = None
    """Already encoded: bytes, or None for no body; Content-Type is in `headers`."""
    timeout: float = 300.0
    auth: Mapping[str, Value] | None = None
    """{"type": "OIDC", "audience"} or {"type": "OAuth2", "scopes"}."""
    private_service: str = ""
    """Name of a Service Directory service that stands behind the URL."""
    certificate: str = ""
    """PEM of who may have signed the server's certificate, instead of the usual ones."""


@dataclass(frozen=True, slots=True)
class ConnectorCall:
    """googleapis.*; reply is the finished answer. Polling is the driver's (spec 6)."""

    method: str
    """e.g. "googleapis.bigquery.v2.jobs.query"."""
    arguments: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class CreateCallback:
    """events.create_callback_endpoint; reply is {"url": str}."""

    method: str


@dataclass(frozen=True, slots=True)
class AwaitCallback:
    """events.await_callback; reply is the documented map, or Failure TimeoutError."""

    callback: Mapping[str, Value]
    timeout: float


@dataclass(frozen=True, slots=True)
class RunChild:
    """experimental.executions.run; reply is the child's result."""

    workflow_id: str
    location: str | None
    project_id: str | None
    argument: Value


Effect = (
    Now
    | Uuid
    | Sleep
    | SleepUntil
    | Log
    | HttpCall
    | ConnectorCall
    | CreateCallback
    | AwaitCallback
    | RunChild
)


@dataclass(frozen=True, slots=True)
class Request:
    """One effect wanted; several may be open at once (parallel branches)."""

    id: int
    """0, 1, 2 … in the order of asking; the same in every replay."""
    effect: Effect
    step: str
    routine: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The reply of an effect that did not work: becomes an error value of the language."""

    message: str
    tags: tuple[str, ...]
    fields: Mapping[str, Value] = field(default_factory=dict)
    """Further keys of the error value: code, headers, body, operation, error."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to the request of this id."""

    id: int
    value: Value | Failure
    steps: int = 0
    """What it took beyond the step that asked: each poll of a connector is a step."""


@dataclass(frozen=True, slots=True)
class Yielded:
    """What one turn of the machine gives: new requests, or a pause to let others breathe.

    The driver sends back exactly one `Reply` (of any open request), or None after a pause.
    """

    requests: tuple[Request, ...] = ()
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Succeeded:
    result: Value


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a stack trace (Executions API: StackTraceElement)."""

    step: str
    routine: str
    line: int
    column: int
    length: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    payload: str
    """JSON text of the error value."""
    context: str
    stack: tuple[Frame, ...]


Outcome = Succeeded | Failed
