"""How a plan is performed in a target that others change, too: lock, journal, changes, journal.

The bucket is the first thing that a project gets, since lock and journal lie in it. A plan that
somebody's deployment has overtaken is made anew, or refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from deployer.apply import Applied, Event, apply
from deployer.deployments.history import merged
from deployer.deployments.journal import Journal, draft
from deployer.deployments.lock import Lock
from deployer.deployments.pruning import prune
from deployer.errors import CloudError, Conflict
from deployer.gcp.failures import Missing
from deployer.live import Cloud, Live
from deployer.pace import Pace, RealClock, persist
from deployer.plan import Action, Plan
from deployer.resources import Kind

T = TypeVar("T")
DESTROY = "destroy"
JOURNALED = frozenset(Kind) - {Kind.SECRET}
"""A plan of nothing but secrets leaves nothing to go back to."""


@dataclass(frozen=True, slots=True)
class Manner:
    """What for, and how patiently."""

    purpose: str = "deploy"
    back_to: int = 0
    wait: float | None = None
    """Seconds for another deployer to end; None: as the target usually has it."""
    word: Callable[[str], None] = lambda _: None
    """Takes a word on what is waited for."""
    replan: Callable[[], Plan] | None = None
    """A new plan, when another deployer has been there since."""


@dataclass(slots=True)
class Deployer:
    """One project in one target."""

    journal: Journal
    cloud: Cloud
    pace: Pace
    root: Path
    owner: str
    bucket: str
    usual_wait: float = 0
    clock: RealClock = field(default_factory=RealClock)

    def perform(
        self, plan: Plan, seen: int | None, tell: Callable[[Event], None], manner: Manner
    ) -> Applied:
        """`seen` is the newest deployment of which the plan knows."""
        grounded, rest = self.ground(plan, tell)
        if grounded.failed:
            return grounded
        lock = self.lock(manner)
        if lock is None:
            return apply(rest, self.cloud, self.pace, tell)
        try:
            return joined(grounded, self.locked(rest, seen, lock, tell, manner))
        finally:
            lock.release()

    def ground(self, plan: Plan, tell: Callable[[Event], None]) -> tuple[Applied, Plan]:
        """The bucket, if the plan makes it, and what is left to do after it."""
        top = f"{Kind.BUCKET}/{self.bucket}"
        new = [c for c in plan.changes if c.key == top and c.action is Action.CREATE]
        if not new:
            return Applied(), plan
        applied = apply(plan.below(top), self.cloud, self.pace, tell)
        left = tuple(replace(c, action=Action.KEEP) if c in new else c for c in plan.changes)
        return applied, replace(plan, changes=left)

    def lock(self, manner: Manner) -> Lock | None:
        """None without a bucket: then there is nothing that two could change."""
        wait = self.usual_wait if manner.wait is None else manner.wait
        lock = Lock(self.journal.notes, self.journal.lock, manner.purpose)
        try:
            self.patiently(lambda: lock.acquire(wait, manner.word))
        except Missing:
            return None
        return lock

    def locked(
        self,
        plan: Plan,
        seen: int | None,
        lock: Lock,
        tell: Callable[[Event], None],
        manner: Manner,
    ) -> Applied:
        newest = self.patiently(self.journal.newest)
        if seen is not None and newest != seen:
            if manner.replan is None:
                raise Conflict(f"deployment {newest} was made since this was planned", "plan again")
            plan = manner.replan()

        def guarded(event: Event) -> None:
            lock.check()
            tell(event)

        if all(change.kind not in JOURNALED for change in plan.writes) and plan.writes:
            return apply(plan, self.cloud, self.pace, guarded)
        return self.journaled(plan, guarded, manner)

    def journaled(self, plan: Plan, tell: Callable[[Event], None], manner: Manner) -> Applied:
        changes = [f"{change.action} {change.key}" for change in plan.writes]
        intended = draft(self.root, manner.purpose, changes, manner.back_to)
        before = self.patiently(self.journal.last)
        begun = self.patiently(lambda: self.journal.begin(intended))
        applied = apply(plan, self.cloud, self.pace, tell)
        if applied.failed:
            return applied
        gone = [c.key for c in applied.done if c.action is Action.DELETE]
        wanted = [c.resource for c in plan.changes if c.resource]
        functions = self.patiently(self.functions) if wanted else []
        things = merged(before, wanted, gone, functions, applied.known)
        things = () if manner.purpose == DESTROY else things
        self.record(lambda: self.journal.finish(replace(begun, things=things)), manner)
        with suppress(CloudError):  # the next deployment will do it
            prune(self.journal)
        return applied

    def functions(self) -> Sequence[Live]:
        return self.cloud[Kind.FUNCTION].list(self.owner, ())

    def record(self, write: Callable[[], None], manner: Manner) -> None:
        try:
            self.patiently(write)
        except Missing:
            if manner.purpose != DESTROY:  # who destroys the data, too, destroys the journal
                raise
        except CloudError as error:
            text = f"everything was done, but it could not be recorded: {error}"
            raise CloudError(text, "deploy again, so that one can go back to it") from error

    def patiently(self, call: Callable[[], T]) -> T:
        return persist(call, self.pace.patience, self.clock)


def joined(first: Applied, then: Applied) -> Applied:
    then.done[:0] = first.done
    return then
