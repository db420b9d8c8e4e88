"""What the services of one emulator share, and what they may ask of each other.

Each service module has `def service(cloud: Cloud) -> Service`. Services never import one
another: they meet here, through these protocols; `app.build` puts the parts in place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from starlette.routing import BaseRoute

from emulator.store import Store

Json = Any


@dataclass(frozen=True, slots=True)
class Settings:
    """How this emulator was started."""

    data: Path
    """Folder of everything that it keeps."""
    host: str = "127.0.0.1"
    port: int = 9090
    grpc_port: int = 9091
    project_id: str = "blocklift-local"
    """The project that a caller gets who names none; any other name works as well."""
    region: str = "europe-west1"
    strict_limits: bool = True
    hosts: Path | None = None
    """File of hosts that are something else for workflows here; `<data>/hosts.yaml` otherwise."""
    clock: str = ""
    """`virtual`, or the time at which virtual time begins; empty: the machine's own time."""
    simulate: str = ""
    """Whose pace builds and calls have: see `emulator.simulate`."""
    allowed_hosts: tuple[str, ...] = ()
    """Names beside loopback and Google's own under which clients may reach this port."""
    check_answers: bool = False
    """Tests: an answer that Google's API description does not know is an error, not a log line."""

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


def project_number(project_id: str) -> str:
    """Twelve digits, the same on every machine: Google gives each project one."""
    digest = int.from_bytes(hashlib.sha256(project_id.encode()).digest()[:8])
    return str(100_000_000_000 + digest % 900_000_000_000)


class Clock(Protocol):
    """Time, so that tests can move it."""

    def now(self) -> float:
        """Unix seconds."""
        ...

    async def sleep_until(self, deadline: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls."""

    email: str
    """Service account, or `OWNER` for the person at this machine."""

    @property
    def member(self) -> str:
        kind = "serviceAccount" if self.email.endswith(".gserviceaccount.com") else "user"
        return f"{kind}:{self.email}"


OWNER = Principal("owner@localhost")
"""A control-plane call without a token: only this machine can make one."""


class Identity(Protocol):
    """Tokens and who they stand for. Tokens are signed by a key of this emulator's data."""

    def access_token(self, account: str) -> str: ...

    def id_token(self, account: str, audience: str) -> str:
        """A signed JWT (RS256) with email, aud, exp: what a metadata server gives."""
        ...

    def caller(self, authorization: str | None) -> Principal:
        """Who makes a control-plane call; ApiError UNAUTHENTICATED for a token not ours."""
        ...

    def signed_by(self, account: str, payload: bytes, signature: bytes) -> bool:
        """Did a key of this service account, or Google's own for it, sign the payload?"""
        ...

    def bearer_of_id_token(self, authorization: str | None, audience: str) -> Principal | None:
        """Who calls a private service; None without a valid token for that audience."""
        ...


class Access(Protocol):
    """IAM policies by full resource name, e.g. `projects/p/locations/l/services/s`."""

    def policy(self, resource: str) -> dict[str, Json]: ...

    def set_policy(self, resource: str, policy: dict[str, Json]) -> dict[str, Json]:
        """Replace; checks the etag when one is given (ABORTED when stale)."""
        ...

    def holds(self, principal: Principal, permission: str, resource: str) -> bool:
        """By the resource's policy or its project's; OWNER may do everything."""
        ...

    def require(self, principal: Principal, permission: str, resource: str) -> None:
        """ApiError PERMISSION_DENIED in Google's words when `holds` is false."""
        ...

    def adopt(self, resource: str, parent: str) -> None:
        """From now on `resource` (a bucket, whose name tells no project) inherits from parent."""
        ...

    def forget(self, resource: str) -> None:
        """The resource is gone, and its policy with it."""
        ...

    def bury(self, email: str, unique_id: str) -> None:
        """The service account is gone; policies say so where they name it."""
        ...


class Logs(Protocol):
    """Cloud Logging, as the other services write to it."""

    def write(self, entry: Mapping[str, Json]) -> None:
        """One LogEntry (Logging v2); insertId and timestamp are added when absent."""
        ...


class Operations(Protocol):
    """Long-running operations of one API (`google.longrunning.Operation` as JSON)."""

    def done(self, parent: str, metadata: Json, response: Json) -> dict[str, Json]:
        """An operation that is finished when it is answered."""
        ...

    def start(
        self,
        parent: str,
        metadata: Json,
        work: Callable[[dict[str, Json]], Awaitable[Json]],
        *,
        lasting: bool = False,
    ) -> dict[str, Json]:
        """Run `work(metadata)` in the background; its value is the response, an ApiError the
        error; it may change the metadata dict while it works. A restart ends it, unless it is
        `lasting`: then whoever started it must `resume` it.
        """
        ...

    def resume(self, name: str, work: Callable[[dict[str, Json]], Awaitable[Json]]) -> None:
        """After a restart: go on with a lasting operation that is not done."""
        ...

    def get(self, name: str) -> dict[str, Json]: ...


@dataclass(frozen=True, slots=True)
class ObjectEvent:
    """Something happened to an object (Google: "Pub/Sub notifications for Cloud Storage")."""

    type: str
    """As Eventarc names it: `google.cloud.storage.object.v1.finalized`, `….deleted`,
    `….archived` or `….metadataUpdated`."""
    resource: Mapping[str, Json]
    """The object as Storage's JSON API answers it, after the change."""
    time: float
    """Unix seconds, by the cloud's clock."""
    overwrote: int | None = None
    """Of a finalized object that was written over another: that one's generation."""
    overwritten_by: int | None = None
    """Of a deleted or archived object that another was written over: that one's generation."""

    @property
    def notification(self) -> str:
        """The same type in the words of Pub/Sub notifications: `OBJECT_FINALIZE`, …"""
        return _NOTIFICATIONS[self.type.rpartition(".")[2]]


_NOTIFICATIONS = {
    "finalized": "OBJECT_FINALIZE",
    "deleted": "OBJECT_DELETE",
    "archived": "OBJECT_ARCHIVE",
    "metadataUpdated": "OBJECT_METADATA_UPDATE",
}
ObjectListener = Callable[[ObjectEvent], None]


class Objects(Protocol):
    """Cloud Storage, as the other services use it."""

    def subscribe(self, listener: ObjectListener) -> Callable[[], None]:
        """Call `listener` in the event loop after each change of an object; it must return at
        once. What this answers takes it off again.
        """
        ...

    def path(self, bucket: str, name: str) -> Path:
        """The file that holds the live generation; ApiError NOT_FOUND."""
        ...

    def put_file(self, bucket: str, name: str, file: Path, content_type: str) -> dict[str, Json]:
        """Take over `file` as a new generation; makes the bucket when it starts with `gcf-`."""
        ...


class Secrets(Protocol):
    """Secret Manager, as the host fills environment variables from it."""

    def value(self, project: str, secret: str, version: str, reader: Principal) -> bytes:
        """`version` is a number, an alias or "latest"; ApiError as Secret Manager refuses."""
        ...


class Projects(Protocol):
    """Projects by id; a number is as good as the id of a project that was ever named here."""

    def id_of(self, project: str) -> str: ...

    def remember(self, project: str) -> None:
        """From now on its number leads to this id."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request to a deployed service."""

    method: str
    path: str
    """With the query string."""
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What it answered; the host's own refusals (403, 404, 429, 503, 504) look the same."""

    code: int
    headers: Mapping[str, str]
    body: bytes


class ServiceHost(Protocol):
    """Runs deployed functions: Cloud Run's part."""

    def service_of_host(self, host: str) -> str | None:
        """Full service name for `<service>-<number>.<region>.run.app` (or `.run.localhost`)."""
        ...

    async def call(self, service: str, call: Call, timeout: float) -> Answer:
        """Checks the caller's identity token, wakes the function, calls it."""
        ...


Claim = tuple[Callable[[Mapping[str, Any]], bool], Callable[..., Awaitable[None]]]
"""Is a request (its ASGI scope) wanted, and the app for those that are."""


@dataclass(slots=True)
class Service:
    """One pretended API."""

    name: str
    """e.g. "storage"."""
    routes: Sequence[BaseRoute]
    start: Callable[[], Awaitable[None]] | None = None
    stop: Callable[[], Awaitable[None]] | None = None
    grpc: Callable[[], Sequence[Any]] | Sequence[Any] = ()
    """grpc.GenericRpcHandler of the same API, where a Google client needs gRPC. A callable is
    called once REST answers: importing grpc is most of a second's start-up budget."""
    mounts: Mapping[str, Callable[..., Awaitable[None]]] = field(default_factory=dict)
    """Path prefix → ASGI app, for what is too hot or too odd for routes; tried first."""
    claims: Claim | None = None
    """Requests that are surely for this app, whatever their path: asked before all routes."""
    leftovers: Claim | None = None
    """Requests for this app if no route wants them."""
    around: Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]] | None = None
    """A layer around each route: the check against Google's API description."""


@dataclass(slots=True)
class Cloud:
    """The parts in place. Built by `app.build`."""

    settings: Settings
    store: Store
    clock: Clock
    identity: Identity
    access: Access
    logs: Logs
    objects: Objects
    operations: Callable[[str], Operations]
    """API name, e.g. "workflows" → its operations (names carry that prefix, so that one
    port can serve the colliding `…/operations/…` routes of several APIs)."""
    host: ServiceHost
    secrets: Secrets
    projects: Projects
    asgi: Callable[..., Awaitable[None]] | None = None
    """The whole app, for calls that stay inside (a workflow calling *.googleapis.com)."""
    environment: dict[str, str] = field(default_factory=dict)
    """Environment variables that point Google's clients in functions at this emulator."""
    parts: dict[str, Any] = field(default_factory=dict)
    """What the services of one family share, e.g. "engine": executions and their workflows."""
