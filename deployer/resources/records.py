"""The records: a frozen one per sort of thing, nothing but data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from deployer.resources.names import Kind, VersionOf

if TYPE_CHECKING:
    from deployer.bundle import Bundle
    from deployer.options import Options

Json = Any


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where runs keep their artifacts, or where a project's blocks keep their data."""

    kind: ClassVar[Kind] = Kind.BUCKET
    name: str
    location: str
    keep_days: int | None = 7
    """Artifacts of runs are deleted after so many days; None: for ever."""
    needs: frozenset[str] = frozenset()
    pipeline: str = ""

    @property
    def title(self) -> str:
        return self.name

    def fields(self) -> dict[str, Json]:
        return {"location": self.location.upper(), "lifecycle.days": self.keep_days}


@dataclass(frozen=True, slots=True)
class Account:
    """A service account: who a function or a workflow is."""

    kind: ClassVar[Kind] = Kind.ACCOUNT
    name: str
    email: str
    purpose: str
    pipeline: str = ""
    needs: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        return self.name

    @property
    def member(self) -> str:
        return f"serviceAccount:{self.email}"

    def fields(self) -> dict[str, Json]:
        return {}


@dataclass(frozen=True, slots=True)
class Secret:
    """A setting with a value of its own; `value` None means: take what the target has."""

    kind: ClassVar[Kind] = Kind.SECRET
    name: str
    setting: str
    """The environment variable that it fills."""
    value: str | None = field(default=None, repr=False)
    pipeline: str = ""
    needs: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        return self.setting

    def fields(self) -> dict[str, Json]:
        return {}


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One member's role, perhaps under a condition (IAM: Conditions, CEL)."""

    role: str
    member: str
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """What we want in one IAM policy, which may hold other people's bindings too."""

    kind: ClassVar[Kind] = Kind.ACCESS
    on: str
    """bucket, secret, service or project."""
    id: str
    grants: tuple[Grant, ...]
    pipeline: str = ""
    needs: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return f"{self.on}/{self.id}"

    @property
    def title(self) -> str:
        return self.name

    def fields(self) -> dict[str, Json]:
        return grant_fields(self.grants)


def grant_fields(grants: tuple[Grant, ...]) -> dict[str, Json]:
    """One field per grant, so that a plan shows which come and which go."""
    return {f"{g.role} {g.member}": g.condition or True for g in sorted(grants)}


@dataclass(frozen=True, slots=True)
class Function:
    """A block's function, or the one that answers API triggers."""

    kind: ClassVar[Kind] = Kind.FUNCTION
    name: str
    title: str
    bundle: Bundle = field(repr=False)
    options: Options
    account: str
    """Email."""
    secrets: tuple[tuple[str, str], ...] = ()
    """Environment variable, secret id."""
    public: bool = False
    """Reachable from outside; a function that is not answers only callers with a token."""
    pipeline: str = ""
    needs: frozenset[str] = frozenset()
    revision: str = ""
    """An earlier revision to go back to, if it is still there: then nothing is built."""

    def fields(self) -> dict[str, Json]:
        wishes = self.options
        return {
            "bundle": self.bundle.digest[:40],
            "runtime": wishes.python,
            "entry_point": self.bundle.entry_point,
            "memory": wishes.memory,
            "cpu": wishes.cpu,
            "timeout": wishes.timeout,
            "instances.min": wishes.min_instances,
            "instances.max": wishes.max_instances,
            "concurrency": wishes.concurrency,
            "account": self.account,
            "ingress": "ALLOW_ALL" if self.public else "ALLOW_INTERNAL_ONLY",
            **{f"secret.{env}": VersionOf(secret) for env, secret in self.secrets},
        }


@dataclass(frozen=True, slots=True)
class Workflow:
    """A pipeline. Its switch-over is the last step of a deploy."""

    kind: ClassVar[Kind] = Kind.WORKFLOW
    name: str
    title: str
    source: str = field(repr=False)
    account: str
    description: str = ""
    pipeline: str = ""
    needs: frozenset[str] = frozenset()

    def fields(self) -> dict[str, Json]:
        source = hashlib.sha256(self.source.encode()).hexdigest()[:40]
        return {"source": source, "account": self.account, "description": self.description}


@dataclass(frozen=True, slots=True)
class Schedule:
    """A time trigger: starts its pipeline at the ticks of a cron, in UTC as Mage does."""

    kind: ClassVar[Kind] = Kind.SCHEDULE
    name: str
    title: str
    cron: str
    url: str
    """Where executions of the pipeline's workflow are made."""
    argument: str
    """Of each execution; JSON."""
    account: str
    """Email of who may start it."""
    paused: bool = False
    pipeline: str = ""
    needs: frozenset[str] = frozenset()

    def fields(self) -> dict[str, Json]:
        return {
            "cron": self.cron,
            "url": self.url,
            "argument": self.argument,
            "account": self.account,
            "paused": self.paused,
        }
