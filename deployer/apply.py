"""Performing a plan: every change as soon as what it needs is done, several side by side.

A failure stops nothing but what needs the failed thing, and deletions, which come last and
only when all went well: until then the old pipeline has all that it runs on. Every call can
be repeated, so a deploy that was stopped at any moment is finished by the next one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from deployer.errors import BlockliftError, CloudError
from deployer.live import Cloud, Prepares, Work
from deployer.pace import Pace, RealClock, TokenBucket, persist
from deployer.packaging.choice import FUNCTIONS
from deployer.plan import Action, Change, Plan
from deployer.resources import Function, Kind, Resource, Workflow, key, seal


@dataclass(frozen=True, slots=True)
class Started:
    """A change is being made."""

    change: Change


@dataclass(frozen=True, slots=True)
class Progressed:
    """A word on how a long change is getting on."""

    change: Change
    message: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A change is made."""

    change: Change
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """A change could not be made."""

    change: Change
    error: BlockliftError


@dataclass(frozen=True, slots=True)
class Skipped:
    """A change was not tried."""

    change: Change
    because: str


Event = Started | Progressed | Finished | Failed | Skipped


@dataclass(slots=True)
class Applied:
    """What became of a plan."""

    done: list[Change] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    """Versions of secrets, new ones among them."""

    def raise_for_failures(self) -> None:
        if self.failed:
            lines = [f"{f.change.kind} {f.change.title}: {f.error}" for f in self.failed]
            left = f"\n{len(self.skipped)} more were not tried" if self.skipped else ""
            hint = next((f.error.hint for f in self.failed if f.error.hint), "")
            raise CloudError("\n".join(lines) + left, hint or "mend it and deploy again")


def apply(
    plan: Plan, cloud: Cloud, pace: Pace, tell: Callable[[Event], None] = lambda _: None
) -> Applied:
    """Make every change of a plan; whoever interrupts leaves the target ready to go on."""
    performer = Performer(plan, cloud, pace, tell)
    performer.perform([c for c in plan.writes if c.action is not Action.DELETE])
    for kind, group in grouped(plan.writes):
        performer.remove(kind, group)
    return performer.applied


def grouped(writes: Sequence[Change]) -> Iterator[tuple[Kind, list[Change]]]:
    """Deletions by kind, in the order in which the plan has them."""
    groups: dict[Kind, list[Change]] = {}
    for change in writes:
        if change.action is Action.DELETE:
            groups.setdefault(change.kind, []).append(change)
    yield from groups.items()


class Performer:
    """The state of one `apply`: what is waiting, running, done and failed."""

    def __init__(self, plan: Plan, cloud: Cloud, pace: Pace, tell: Callable[[Event], None]) -> None:
        self.cloud = cloud
        self.pace = pace
        self.applied = Applied()
        self.clock = RealClock()
        self.bucket = TokenBucket(pace.per_minute, self.clock)
        self.known = self.applied.known
        self.known.update(plan.known)
        self.resources = resources_of(plan)
        self.lock = threading.Lock()
        self._tell = tell

    def tell(self, event: Event) -> None:
        """Events come one at a time, whichever thread they are from."""
        with self.lock:
            self._tell(event)
            match event:
                case Finished(change):
                    self.applied.done.append(change)
                case Failed():
                    self.applied.failed.append(event)
                case Skipped():
                    self.applied.skipped.append(event)

    def perform(self, changes: Sequence[Change]) -> None:
        """Each change once its needs are met; those whose needs failed are skipped."""
        self.announce(changes)
        waiting = {change.key: change for change in changes}
        broken: set[str] = set()
        running: dict[Future[bool], Change] = {}
        with Workers(self.pace.workers, self.clock) as pool:
            while waiting or running:
                self.skip(waiting, broken)
                for change in ready(waiting, running.values()):
                    running[pool.submit(self.attempt, change)] = waiting.pop(change.key)
                if not running:
                    break
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    change = running.pop(future)
                    broken |= set() if future.result() else {change.key}

    def announce(self, changes: Sequence[Change]) -> None:
        for kind, keeper in self.cloud.items():
            if isinstance(keeper, Prepares):
                keeper.expect([(c.resource, c.live) for c in changes if c.kind is kind])

    def skip(self, waiting: dict[str, Change], broken: set[str]) -> None:
        for change in list(waiting.values()):
            if culprits := sorted(change.needs & broken):
                broken.add(change.key)
                del waiting[change.key]
                self.tell(Skipped(change, f"needs {culprits[0]}"))
                self.skip(waiting, broken)
                return

    def remove(self, kind: Kind, changes: Sequence[Change]) -> None:
        if self.applied.failed:
            for change in changes:
                self.tell(Skipped(change, "deletions wait until all else has worked"))
            return
        with Workers(self.pace.workers, self.clock) as pool:
            list(pool.map(self.attempt, changes))

    def attempt(self, change: Change) -> bool:
        """Whether it worked. Expected errors become events; others are ours and surface."""
        self.tell(Started(change))
        began = time.monotonic()
        try:
            persist(lambda: self.call(change), self.pace.patience, self.clock, self.word(change))
        except BlockliftError as error:
            self.tell(Failed(change, error))
            return False
        self.tell(Finished(change, time.monotonic() - began))
        return True

    def word(self, change: Change) -> Callable[[str], None]:
        return lambda message: self.tell(Progressed(change, message))

    def call(self, change: Change) -> None:
        """One change, by the keeper of its kind."""
        keeper = self.cloud[change.kind]
        if counted(change):
            self.bucket.take()
        if change.action is Action.REPLACE and isinstance(keeper, Prepares):
            keeper.prepare(change.resource, self.work(change))
        if change.live and change.action in {Action.DELETE, Action.REPLACE}:
            keeper.drop(change.live)
        if change.resource:
            live = None if change.action is Action.REPLACE else change.live
            keeper.put(change.resource, live, self.work(change))

    def work(self, change: Change) -> Work:
        sealed = ""
        if isinstance(change.resource, Workflow):
            sealed = seal(change.resource, self.resources, self.known)
        return Work(self.known, sealed, self.word(change))


def counted(change: Change) -> bool:
    """By the quota for changes of functions, which services of one's own have no part in."""
    wanted = isinstance(change.resource, Function) and change.resource.packaging == FUNCTIONS
    gone = change.live is not None and change.live.fields.get("packaging") is None
    return change.kind is Kind.JOB or (change.kind is Kind.FUNCTION and (wanted or gone))


class Workers(ThreadPoolExecutor):
    """A pool that an interruption does not have to wait for long: sleeps end, queues empty."""

    def __init__(self, count: int, clock: RealClock) -> None:
        super().__init__(count, thread_name_prefix="apply")
        self.clock = clock

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.clock.stopped.set()
        self.shutdown(wait=True, cancel_futures=kind is not None)


def resources_of(plan: Plan) -> Mapping[str, Resource]:
    return {key(c.resource): c.resource for c in plan.changes if c.resource}


def ready(waiting: Mapping[str, Change], running: Iterable[Change]) -> list[Change]:
    """Those that need nothing which is still to be done."""
    pending = {*waiting, *(change.key for change in running)}
    return [change for change in waiting.values() if not change.needs & pending]
