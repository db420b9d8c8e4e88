"""One deployer of a project in a target at a time: a lease in the target's own bucket.

Who deploys holds an object that nobody else can create while it is there, and touches it
now and then. One that was not touched for a whole lease belongs to a deployer that was killed,
and goes to the next; whoever lost it so, and lives, finds out before its next change.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, Self

from deployer.errors import CloudError, Conflict
from deployer.pace import Clock, RealClock

LEASE = 60.0
"""Seconds; the lease is renewed four times in one."""
LOOK = 1.0
"""Seconds between two looks of who waits."""
held_here: set[str] = set()
"""Tokens of the leases that this process holds."""
CI_USERS = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR")


class Seen(Protocol):
    """One state of an object."""

    @property
    def generation(self) -> str: ...

    @property
    def age(self) -> float: ...

    @property
    def unchanged(self) -> Mapping[str, str]: ...


class Notes(Protocol):
    """Objects under preconditions: see `deployer.gcp.notes`."""

    def create(self, name: str, data: bytes) -> str: ...

    def replace(self, name: str, data: bytes, seen: Seen) -> str: ...

    def look(self, name: str) -> Seen | None: ...

    def touch(self, name: str, generation: str, mark: str) -> bool: ...

    def read(self, name: str) -> bytes | None: ...

    def remove(self, name: str, generation: str = "") -> None: ...

    def names(self, prefix: str) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Holder:
    """Who deploys, as others are told."""

    who: str
    purpose: str
    since: str
    place: str
    """Machine and, where it has them, space of process ids."""
    process: int
    token: str = field(default_factory=lambda: uuid.uuid4().hex)

    @classmethod
    def here(cls, purpose: str) -> Self:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(user(), purpose, since, place(), os.getpid())

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @property
    def dead(self) -> bool:
        """Known to have ended: it ran on this machine, and no process has its number; or it was
        this very process, which could not let go of it.
        """
        if self.place != place():
            return False
        if self.process == os.getpid():
            return self.token not in held_here
        return on_linux() and not Path(f"/proc/{self.process}").exists()

    def __str__(self) -> str:
        return f"{self.who} ({self.purpose}, since {self.since})"


def holder_of(data: bytes | None) -> Holder | None:
    try:
        return Holder(**json.loads(data or b""))
    except (ValueError, TypeError):
        return None


def user() -> str:
    """Whoever CI says started it, or the person at this machine."""
    names = (os.environ.get(name) for name in CI_USERS)
    try:
        name = next(filter(None, names), "") or getpass.getuser()
    except (KeyError, OSError):
        name = "somebody"
    return f"{name}@{socket.gethostname()}"


def place() -> str:
    try:
        return f"{socket.gethostname()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def on_linux() -> bool:
    return Path("/proc/self").exists()


class Lock:
    """A lease that this process holds, or wants."""

    def __init__(
        self, notes: Notes, name: str, purpose: str, lease: float = LEASE, look: float = LOOK
    ) -> None:
        self.notes = notes
        self.name = name
        self.holder = Holder.here(purpose)
        self.lease = lease
        self.look = look
        self.generation = ""
        self.lost = False
        self.over = threading.Event()
        self.renewing = threading.Thread(target=self.renew, daemon=True, name="lease")

    def acquire(
        self,
        wait: float = 0,
        tell: Callable[[str], None] = lambda _: None,
        clock: Clock | None = None,
    ) -> None:
        """Hold it; `Conflict` names who does when that took longer than `wait` seconds."""
        held_here.add(self.holder.token)
        try:
            self.await_turn(wait, tell, clock or RealClock())
        except BaseException:
            held_here.discard(self.holder.token)
            raise
        self.renewing.start()

    def await_turn(self, wait: float, tell: Callable[[str], None], clock: Clock) -> None:
        deadline = clock.now() + wait
        while not self.attempt():
            other = holder_of(self.notes.read(self.name))
            if clock.now() >= deadline:
                raise held(other)
            tell(f"waiting for {other or 'another deployer'}")
            clock.sleep(self.look)

    def attempt(self) -> bool:
        """Whether it is ours now. A lost answer counts by what is found there."""
        data = self.holder.to_bytes()
        self.generation = self.notes.create(self.name, data)
        if not self.generation and (seen := self.notes.look(self.name)):
            if self.expired(seen):
                self.generation = self.notes.replace(self.name, data, seen)
            elif self.ours():
                self.generation = seen.generation
        return bool(self.generation)

    def expired(self, seen: Seen) -> bool:
        if seen.age > self.lease:
            return True
        other = holder_of(self.notes.read(self.name))
        return other is not None and other.dead

    def ours(self) -> bool:
        found = holder_of(self.notes.read(self.name))
        return found is not None and found.token == self.holder.token

    def renew(self) -> None:
        """In a thread of its own. A target that does not answer for a lease has let go of us."""
        clock, silent_since = RealClock(), RealClock().now()
        while not self.over.wait(self.lease / 4):
            try:
                mark = datetime.now(UTC).isoformat()
                if not self.notes.touch(self.name, self.generation, mark):
                    self.lost = True
                    return
                silent_since = clock.now()
            except CloudError:
                self.lost = clock.now() - silent_since > self.lease
                if self.lost:
                    return

    def check(self) -> None:
        """Before each change: somebody may have taken it from us."""
        if self.lost:
            hint = "another deployer may be at work: look, then deploy again"
            raise LockLost("this deployment no longer holds its target", hint)

    def release(self) -> None:
        """Let the next one in. If that cannot be told, the lease will run out."""
        self.over.set()
        if self.renewing.ident:
            self.renewing.join()
        held_here.discard(self.holder.token)
        try:
            self.notes.remove(self.name, self.generation)
        except CloudError:
            return


class LockLost(Conflict):
    """Somebody broke the lock, or the target did not answer for a whole lease."""


def held(other: Holder | None) -> Conflict:
    who = str(other) if other else "another deployer"
    hint = (
        "`--wait 10m` waits for it; a deployer that was killed is forgotten after a minute; "
        "`blocklift unlock` breaks the lock"
    )
    return Conflict(f"the target is being changed by {who}", hint)
