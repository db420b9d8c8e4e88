"""What a target holds now, as its own lists tell it: there is no state file to lose."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from deployer.resources import (
    Access,
    Digests,
    Kind,
    Resource,
    Workflow,
    foundations,
    key,
    shared,
)

Json = Any


@dataclass(frozen=True, slots=True)
class Live:
    """One thing that the target holds."""

    kind: Kind
    name: str
    title: str
    owner: str = ""
    """The project that it was made for, by its label; empty when it is nobody's of ours."""
    pipeline: str = ""
    digest: str = ""
    """Label `blocklift-hash`."""
    seal: str = ""
    """Label `blocklift-seal`; workflows only."""
    ready: bool = True
    broken: bool = False
    """Never worked: it must be made anew."""
    revision: str = ""
    """Of a function: the newest revision of its service."""
    pinned: str = ""
    """Of a function: the earlier revision that serves instead, as after a rollback."""
    held: bool = False
    """Of a schedule: somebody paused or resumed it by hand, and no deploy changes that."""
    fields: Mapping[str, Json] = field(default_factory=dict)
    """Of the resource's fields, those that the target tells back."""
    version: str = ""
    """Number of a secret's newest version."""
    value_digest: str = field(default="", repr=False)
    """sha256 of a secret's newest value: kept in this process, shown nowhere."""

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.name}"


def value_digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


@dataclass(slots=True)
class Work:
    """What a call may need beside its resource."""

    known: dict[str, str]
    """Versions of secrets; `put` of a secret adds to it."""
    seal: str = ""
    report: Callable[[str], None] = lambda _: None
    """Takes a word on how a long call is getting on."""


class Keeper(Protocol):
    """One kind of thing in one target: what it holds, and how that is changed.

    Every verb can be repeated: `put` of what is there brings it up to date, `drop` of what
    is gone does nothing. `put` refuses a thing of the same name that is not ours.
    """

    def list(self, owner: str, wanted: Sequence[Any]) -> Sequence[Live]:
        """All that belongs to `owner`, and whatever has the name of something wanted."""
        ...

    def put(self, resource: Any, live: Live | None, work: Work) -> None: ...

    def drop(self, live: Live) -> None: ...


Cloud = Mapping[Kind, Keeper]


@runtime_checkable
class Prepares(Protocol):
    """A keeper that does for many changes at once what each of them needs."""

    def expect(self, changes: Sequence[tuple[Any, Live | None]]) -> None:
        """All that is about to be put."""
        ...

    def prepare(self, resource: Any, work: Work) -> None:
        """What can be done for one before what it replaces is taken away."""
        ...


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that a target holds of one project."""

    items: Mapping[str, Live]
    sealed: frozenset[str] = frozenset()
    """Keys that need no look: an up-to-date workflow vouches for them."""
    digests: Digests | None = None
    """What the look has worked out already."""

    @property
    def known(self) -> dict[str, str]:
        return {name: live.version for name, live in self.items.items() if live.version}


def survey(cloud: Cloud, owner: str, desired: Sequence[Resource]) -> Holdings:
    """Ask every API once, side by side; policies last, and only those not vouched for."""
    first = [kind for kind in Kind if kind is not Kind.ACCESS and kind in cloud]
    items = listed(cloud, owner, desired, first)
    digests = Digests({name: live.version for name, live in items.items() if live.version})
    sealed = vouched(desired, items, digests)
    rest = [r for r in desired if key(r) not in sealed]
    items |= listed(cloud, owner, rest, [Kind.ACCESS])
    return Holdings(items, sealed, digests)


def listed(
    cloud: Cloud, owner: str, desired: Sequence[Resource], kinds: Iterable[Kind]
) -> dict[str, Live]:
    def one(kind: Kind) -> Sequence[Live]:
        return cloud[kind].list(owner, [r for r in desired if r.kind is kind])

    with ThreadPoolExecutor(8) as pool:
        return {live.key: live for lives in pool.map(one, kinds) for live in lives}


def vouched(
    desired: Sequence[Resource], items: Mapping[str, Live], digests: Digests
) -> frozenset[str]:
    """Policies below workflows whose seal is the one that we would write now."""
    resources = {key(r): r for r in desired}
    found: set[str] = set()
    for resource in desired:
        live = items.get(key(resource))
        if isinstance(resource, Workflow) and live and live.seal:
            try:
                same = live.seal == digests.seal(resource, resources)
            except KeyError:  # a secret has no version yet
                continue
            if same:
                found |= foundations(resource, resources)
    return frozenset(name for name in found if own_policy(resources[name]))


def own_policy(resource: Resource) -> bool:
    return isinstance(resource, Access) and not shared(resource)
