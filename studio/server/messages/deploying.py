"""Plans, rights, deployments and what a month costs."""

from __future__ import annotations

from dataclasses import dataclass, field

from studio.server.messages.shared import Problem


@dataclass(frozen=True, slots=True)
class ChangeInfo:
    """One line of a plan."""

    action: str
    key: str
    reason: str
    fields: list[str]


@dataclass(frozen=True, slots=True)
class PlanInfo:
    target: str
    changes: list[ChangeInfo]
    counts: dict[str, int]
    notes: list[str] = field(default_factory=list)
    left_out: dict[str, list[Problem]] = field(default_factory=dict)
    """Pipelines that cannot be deployed, and why; the plan is of the others."""


@dataclass(frozen=True, slots=True)
class RightInfo:
    """One role that the project needs in its target."""

    account: str
    purpose: str
    """What the account is for."""
    role: str
    on: str
    condition: str
    why: str


@dataclass(frozen=True, slots=True)
class DeploymentInfo:
    """One entry of the target's journal of deployments."""

    number: int
    began: str
    by: str
    commit: str
    purpose: str
    back_to: int
    changes: list[str]
    ended: bool
    """False while it goes on, and for ever when it was stopped or failed."""


@dataclass(frozen=True, slots=True)
class CostItem:
    title: str
    quantity: float
    unit: str
    free: float
    full: float
    """As if nothing were free."""
    pay: float


@dataclass(frozen=True, slots=True)
class CostInfo:
    """What a month on Google Cloud costs, estimated from past runs."""

    currency: str
    prices_of: str
    items: list[CostItem]
    runs: dict[str, float]
    """Pipeline → what one run costs beyond all free amounts."""
    full: float
    pay: float
    notes: list[str]
