"""What a target should hold for a project: one frozen record per thing, nothing but data.

Each record says what we would send as flat `fields`: they are digested into the label
`blocklift-hash`, and compared field by field when a plan is printed. What is known only after
something else was made stands in them as a placeholder (`VersionOf`) and is resolved just
before the call. `needs` are the keys of what must be there first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from deployer.bundle import Bundle
    from deployer.options import Options

Json = Any
TOOL = "blocklift/1"
"""Part of every digest: raise it when what we send changes in a way that fields do not show."""


class Kind(StrEnum):
    """Sorts of things that we make, in the order in which a plan lists them."""

    BUCKET = "bucket"
    ACCOUNT = "account"
    SECRET = "secret"  # noqa: S105 - a word, not a password
    FUNCTION = "function"
    ACCESS = "access"
    WORKFLOW = "workflow"
    SCHEDULE = "schedule"


PROJECT_LABEL = "blocklift-project"
PIPELINE_LABEL = "blocklift-pipeline"
HASH_LABEL = "blocklift-hash"
BUNDLE_LABEL = "blocklift-bundle"
SEAL_LABEL = "blocklift-seal"
"""On a workflow: digest of all that it stands on. Written last, so it vouches for the rest."""


@dataclass(frozen=True, slots=True)
class VersionOf:
    """The number of a secret's newest version."""

    secret: str

    @property
    def key(self) -> str:
        return f"{Kind.SECRET}/{self.secret}"


Known = Mapping[str, str]
"""Key of a secret → number of its newest version."""


class Resource(Protocol):
    """Something that a target should hold."""

    kind: ClassVar[Kind]

    @property
    def name(self) -> str:
        """Its id in the target, unique among its kind."""
        ...

    @property
    def title(self) -> str:
        """What its author calls it."""
        ...

    @property
    def pipeline(self) -> str:
        """The pipeline it serves; empty when several share it."""
        ...

    @property
    def needs(self) -> frozenset[str]: ...

    def fields(self) -> dict[str, Json]: ...


def key(resource: Resource) -> str:
    return f"{resource.kind}/{resource.name}"


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


def placeholders(resource: Resource) -> Iterator[VersionOf]:
    return (value for value in resource.fields().values() if isinstance(value, VersionOf))


def resolved(fields: Mapping[str, Json], known: Known) -> dict[str, Json]:
    """Fields with every placeholder replaced; KeyError when one is not known yet."""
    return {
        name: known[value.key] if isinstance(value, VersionOf) else value
        for name, value in fields.items()
    }


def digest(resource: Resource, known: Known) -> str:
    """40 hexadecimal digits of what we would send: a label's value."""
    return short_digest([TOOL, resource.kind, resource.name, resolved(resource.fields(), known)])


def short_digest(value: Json) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def seal(workflow: Workflow, resources: Mapping[str, Resource], known: Known) -> str:
    """Digest of the workflow and of all that it needs, however far away.

    Policies that pipelines share are left out: a new pipeline is no change to the others.
    """
    below = sorted(n for n in foundations(workflow, resources) if not shared(resources[n]))
    parts = {name: digest(resources[name], known) for name in below}
    return short_digest([digest(workflow, known), parts])


def shared(resource: Resource) -> bool:
    return isinstance(resource, Access) and not resource.pipeline


def foundations(resource: Resource, resources: Mapping[str, Resource]) -> set[str]:
    """Keys of all that must be there before this; what stands under shared policies is left
    out with them: other pipelines, which may not even be part of this plan.
    """
    found: set[str] = set()
    waiting = list(resource.needs)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(() if shared(resources[name]) else resources[name].needs)
    return found
