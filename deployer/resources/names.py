"""What every resource has in common: its kind, its key, its labels, what is not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol

Json = Any


class Kind(StrEnum):
    """Sorts of things that we make, in the order in which a plan lists them."""

    BUCKET = "bucket"
    ACCOUNT = "account"
    SECRET = "secret"  # noqa: S105 - a word, not a password
    FUNCTION = "function"
    JOB = "job"
    ACCESS = "access"
    WORKFLOW = "workflow"
    SCHEDULE = "schedule"
    EVENT = "event"


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
