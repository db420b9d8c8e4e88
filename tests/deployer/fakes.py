"""A cloud in a dict: the same verbs as Google's keepers, with faults on demand."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from deployer.bundle import Bundle
from deployer.errors import Conflict
from deployer.live import Cloud, Live, Work, value_digest
from deployer.options import Options
from deployer.resources import (
    Access,
    Account,
    Bucket,
    Function,
    Grant,
    Kind,
    Resource,
    Secret,
    Workflow,
    digest,
    key,
    resolved,
)

OWNER = "shop"


@dataclass
class World:
    """All that the fake cloud holds, and what was asked of it."""

    items: dict[str, Live] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    serving: dict[str, str] = field(default_factory=dict)
    """Function → digest of the bundle that answers its calls."""
    fault: Callable[[str], Exception | None] = lambda _: None
    """Told each call before it happens; what it returns is raised."""
    loss: Callable[[str], Exception | None] = lambda _: None
    """The same after it has happened: the answer is lost."""

    def called(self, call: str) -> None:
        self.calls.append(call)
        if error := self.fault(call):
            raise error

    def answered(self, call: str) -> None:
        if error := self.loss(call):
            raise error

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if not call.startswith("list")]

    def forget(self) -> None:
        self.calls.clear()

    @property
    def cloud(self) -> Cloud:
        return {kind: Keeper(self, kind) for kind in Kind}


@dataclass
class Keeper:
    """One kind of thing in a `World`."""

    world: World
    kind: Kind

    def list(self, owner: str, wanted: Sequence[Resource]) -> Sequence[Live]:
        self.world.called(f"list {self.kind}")
        names = {resource.name for resource in wanted}
        mine = (live for live in self.world.items.values() if live.kind is self.kind)
        return [live for live in mine if live.owner == owner or live.name in names]

    def put(self, resource: Any, live: Live | None, work: Work) -> None:
        self.world.called(f"put {key(resource)}")
        there = self.world.items.get(key(resource))
        if there and there.owner != OWNER:
            raise Conflict(f"{key(resource)} is not ours", "choose another name")
        for needed in resource.needs:
            assert needed in self.world.items, f"{key(resource)} before {needed}"
        self.world.items[key(resource)] = self.kept(resource, there, work)
        self.world.answered(f"put {key(resource)}")

    def kept(self, resource: Any, there: Live | None, work: Work) -> Live:
        live = Live(self.kind, resource.name, resource.title, OWNER, resource.pipeline)
        if isinstance(resource, Secret):
            return self.versioned(resource, there or live, work)
        if isinstance(resource, Function):
            self.world.serving[resource.name] = resource.bundle.digest[:40]
            if resource.revision and there:
                newest = there.revision == resource.revision
                return replace(there, pinned="" if newest else resource.revision)
        fields = resolved(resource.fields(), work.known)
        hashed = digest(resource, work.known)
        revision = hashed if self.kind is Kind.FUNCTION else ""
        return replace(live, digest=hashed, seal=work.seal, fields=fields, revision=revision)

    def versioned(self, secret: Secret, live: Live, work: Work) -> Live:
        if secret.value is None:
            return live
        hashed = value_digest(secret.value)
        if live.value_digest != hashed:
            version = str(int(live.version or 0) + 1)
            live = replace(live, version=version, value_digest=hashed)
        work.known[key(secret)] = live.version
        return live

    def drop(self, live: Live) -> None:
        self.world.called(f"drop {live.key}")
        self.world.items.pop(live.key, None)
        if self.kind is Kind.FUNCTION:
            self.world.items.pop(f"access/service/{live.name}", None)
        self.world.answered(f"drop {live.key}")


class Code(Bundle):
    """A bundle that is one file."""

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.files["main.py"]).hexdigest()

    def zip_bytes(self) -> bytes:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            for name, content in self.files.items():
                file.writestr(name, content)
        return archive.getvalue()


def code(text: str = "pass", name: str = "load") -> Bundle:
    return Code(name, {"main.py": text.encode()})


def small_project(
    blocks: Sequence[str] = ("load", "clean"),
    sources: dict[str, str] | None = None,
    password: str | None = "hunter2",
) -> list[Resource]:
    """A pipeline `daily` as `desire` would have it: accounts, a secret, functions, a workflow."""
    bucket = Bucket("shop-bucket", "europe-west1")
    runner = Account("daily-run", "daily-run@p", "runs", "daily")
    caller = Account("daily-wf", "daily-wf@p", "calls", "daily")
    secret = Secret("shop-PASSWORD", "PASSWORD", password)
    access = Access(
        "secret",
        secret.name,
        (Grant("roles/secretmanager.secretAccessor", runner.member),),
        needs=frozenset({key(secret), key(runner)}),
    )
    functions = [
        Function(
            f"daily-{block}",
            f"daily/{block}",
            code((sources or {}).get(block, block)),
            Options(),
            runner.email,
            (("PASSWORD", secret.name),),
            pipeline="daily",
            needs=frozenset({key(runner), key(secret), key(access)}),
        )
        for block in blocks
    ]
    invokers = [
        Access(
            "service",
            function.name,
            (Grant("roles/run.invoker", caller.member),),
            "daily",
            frozenset({key(function), key(caller)}),
        )
        for function in functions
    ]
    below = [*functions, *invokers, caller, bucket]
    workflow = Workflow(
        "daily",
        "daily",
        f"calls {[f.name for f in functions]}",
        caller.email,
        pipeline="daily",
        needs=frozenset(map(key, below)),
    )
    return [bucket, runner, caller, secret, access, *functions, *invokers, workflow]
