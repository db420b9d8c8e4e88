"""The records: a frozen one per sort of thing, nothing but data."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from deployer.packaging.choice import FUNCTIONS
from deployer.resources.names import Kind, VersionOf

if TYPE_CHECKING:
    from deployer.bundle import Bundle
    from deployer.options import Options

Json = Any
LONGEST_CALL = 1800
"""Seconds: what takes longer is a job, whose function is never called."""
JOB_MEMORY = "512Mi"
"""The least that Cloud Run gives a job."""


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
    roles: tuple[str, ...] = ()
    """On the project, beside those that others of its sort have."""

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
    why: str = field(default="", compare=False)
    """For whoever reads a plan."""


@dataclass(frozen=True, slots=True)
class Access:
    """What we want in one IAM policy, which may hold other people's bindings too."""

    kind: ClassVar[Kind] = Kind.ACCESS
    on: str
    """bucket, secret, service, job or project."""
    id: str
    grants: tuple[Grant, ...]
    pipeline: str = ""
    needs: frozenset[str] = frozenset()
    about: tuple[str, ...] = ()
    """Members whose grants it decides, when it is but a part of what we want there; empty: all
    of our members.
    """

    @property
    def name(self) -> str:
        return f"{self.on}/{self.id}"

    @property
    def title(self) -> str:
        return self.name

    def fields(self) -> dict[str, Json]:
        return grant_fields(self.grants)

    def reasons(self) -> dict[str, str]:
        """Field → why it is wanted."""
        return {grant_field(g): g.why for g in self.grants if g.why}


def grant_field(grant: Grant) -> str:
    """A role may be granted under several conditions."""
    return f"{grant.role} {grant.member}" + (f" if {grant.condition}" if grant.condition else "")


def grant_fields(grants: tuple[Grant, ...]) -> dict[str, Json]:
    """One field per grant, so that a plan shows which come and which go."""
    return {grant_field(g): True for g in sorted(grants)}


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
    packaging: str = FUNCTIONS
    """How it is built (`deployer.packaging`)."""

    def fields(self) -> dict[str, Json]:
        wishes = self.options
        return {
            "bundle": self.bundle.digest[:40],
            "runtime": wishes.python,
            "entry_point": self.bundle.entry_point,
            "memory": wishes.memory,
            "cpu": wishes.cpu,
            "timeout": min(wishes.timeout, LONGEST_CALL),
            "instances.min": wishes.min_instances,
            "instances.max": wishes.max_instances,
            "concurrency": wishes.concurrency,
            "account": self.account,
            "ingress": "ALLOW_ALL" if self.public else "ALLOW_INTERNAL_ONLY",
            **({} if self.packaging == FUNCTIONS else {"packaging": self.packaging}),
            **{f"secret.{env}": VersionOf(secret) for env, secret in self.secrets},
        }


@dataclass(frozen=True, slots=True)
class Job:
    """A long block: the image of its function, run as a Cloud Run job."""

    kind: ClassVar[Kind] = Kind.JOB
    name: str
    title: str
    function: Function = field(repr=False)
    """Whose build it runs."""
    timeout: int
    """Seconds."""
    needs: frozenset[str] = frozenset()

    @property
    def pipeline(self) -> str:
        return self.function.pipeline

    def fields(self) -> dict[str, Json]:
        built = self.function.fields()
        same = ("bundle", "runtime", "memory", "cpu", "account")
        secrets = {name: value for name, value in built.items() if name.startswith("secret.")}
        wanted = {name: built[name] for name in same}
        wanted |= {name: value for name, value in built.items() if name == "packaging"}
        return {**wanted, **least(wanted), "timeout": self.timeout, **secrets}


def least(sizes: Mapping[str, Json]) -> dict[str, Json]:
    """Cloud Run gives a job no part of a processor, and half a gibibyte at least."""
    small = re.fullmatch(r"(\d+)(M|Mi)", str(sizes["memory"]))
    cpu = "1" if str(sizes["cpu"]).startswith("0") else sizes["cpu"]
    memory = JOB_MEMORY if small and int(small[1]) < 512 else sizes["memory"]
    return {"cpu": cpu, "memory": memory}


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


@dataclass(frozen=True, slots=True)
class Event:
    """An event trigger: starts its pipeline when something happens in a bucket."""

    kind: ClassVar[Kind] = Kind.EVENT
    name: str
    title: str
    type: str
    """Of Eventarc's events, such as google.cloud.storage.object.v1.finalized."""
    bucket: str
    source: str = field(repr=False)
    """Of the relay, the small workflow that looks at the event and starts the pipeline."""
    account: str
    """Email of who receives the event and starts the pipeline."""
    pipeline: str = ""
    needs: frozenset[str] = frozenset()

    def fields(self) -> dict[str, Json]:
        return {
            "type": self.type,
            "bucket": self.bucket,
            "relay": hashlib.sha256(self.source.encode()).hexdigest()[:40],
            "account": self.account,
        }
