"""Planning 100 pipelines of 10 blocks of which nothing has changed. Aim: < 1 s and no write.

The target is a dict that holds just what the project wants and counts its calls, so what is
timed is our own work: reading the project, checking it, bundling 1,000 functions, comparing.
Counted is processor time, the system's for us too, so that a busy machine tells nearly the same.
The baseline is what cannot be left out: reading and digesting the project's files.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import Any

import yaml

from deployer.desire import Values, desire
from deployer.live import Cloud, Live, Work, survey
from deployer.model import Project
from deployer.plan import Plan, plan
from deployer.resources import Kind, Resource, Workflow, digest, key, resolved, seal
from deployer.soundness import surveyed
from deployer.target import Target, local

PIPELINES, BLOCKS = 100, 10
ROUNDS = 3
OWNER = "large"
CODE = """\
import pandas as pd


@{kind}
def {name}(*args, **kwargs):
    \"\"\"Block {name} of {pipeline}.\"\"\"
    return pd.DataFrame({{"number": range(10)}})
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="blocklift-bench-") as folder:
        root = written(Path(folder) / OWNER)
        held = Holder()
        held.fill(wanted(root))
        held.calls.clear()
        steps = [timed_plan(root, held) for _ in range(ROUNDS)]
        bare = min(timed(lambda: digests(root)) for _ in range(ROUNDS))
        report(min(steps, key=lambda step: step["in all"]), bare, held)


def report(best: dict[str, float], bare: float, held: Holder) -> None:
    size = f"{PIPELINES} pipelines of {BLOCKS} blocks"
    print(f"  best of {ROUNDS} rounds, {size}, nothing changed; processor time")
    for name, seconds in best.items():
        print(f"  {name:34}{seconds * 1000:8.0f} ms{seconds / bare:8.1f} × reading and digesting")
    writes = [call for call in held.calls if not call.startswith("list")]
    print(f"  writes: {len(writes)}   aim: < 1000 ms in all, 0 writes")


def timed_plan(root: Path, held: Holder) -> dict[str, float]:
    began = process_time()
    found = surveyed(root)
    read = process_time()
    found.refuse(())
    checked = process_time()
    desired = desire(found.project, target_of(found.project), "1", Values())
    worked_out = process_time()
    made = planned(desired.resources, held)
    ended = process_time()
    assert not made.writes, [change.key for change in made.writes][:5]
    return {
        "reading the project": read - began,
        "checking it": checked - read,
        "what the target should hold": worked_out - checked,
        "comparing": ended - worked_out,
        "in all": ended - began,
    }


def planned(resources: Sequence[Resource], held: Holder) -> Plan:
    return plan(OWNER, resources, survey(held.cloud, OWNER, resources))


def timed(work: Callable[[], object]) -> float:
    began = process_time()
    work()
    return process_time() - began


def digests(root: Path) -> list[str]:
    return [hashlib.sha256(p.read_bytes()).hexdigest() for p in root.rglob("*") if p.is_file()]


# -- the project ----------------------------------------------------------------------------


def written(root: Path) -> Path:
    root.mkdir()
    (root / "metadata.yaml").write_text("project_type: standalone\n")
    for number in range(PIPELINES):
        write_pipeline(root, f"pipeline_{number:03}", BLOCKS)
    return root


def write_pipeline(root: Path, pipeline: str, blocks: int) -> None:
    entries = [block_of(root, pipeline, place) for place in range(blocks)]
    file = root / "pipelines" / pipeline / "metadata.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(yaml.safe_dump({"uuid": pipeline, "type": "python", "blocks": entries}))


def block_of(root: Path, pipeline: str, place: int) -> dict[str, Any]:
    kind = "data_loader" if place == 0 else "transformer"
    name = f"{pipeline}_block_{place}"
    file = root / f"{kind}s" / f"{name}.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(CODE.format(kind=kind, name=name, pipeline=pipeline))
    upstream = [f"{pipeline}_block_{place - 1}"] if place else []
    return {"uuid": name, "type": kind, "language": "python", "upstream_blocks": upstream}


def wanted(root: Path) -> tuple[Resource, ...]:
    project = surveyed(root).project
    return desire(project, target_of(project), "1", Values()).resources


def target_of(project: Project) -> Target:
    return local(project, "http://127.0.0.1:9")


# -- the target -----------------------------------------------------------------------------


@dataclass
class Holder:
    """A target in a dict."""

    items: dict[str, Live] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def fill(self, resources: Sequence[Resource]) -> None:
        every = {key(resource): resource for resource in resources}
        self.items = {name: live_of(one, every) for name, one in every.items()}

    @property
    def cloud(self) -> Cloud:
        return {kind: Keeper(self, kind) for kind in Kind}


def live_of(resource: Resource, every: dict[str, Resource]) -> Live:
    return Live(
        resource.kind,
        resource.name,
        resource.title,
        OWNER,
        resource.pipeline,
        digest=digest(resource, {}),
        seal=seal(resource, every, {}) if isinstance(resource, Workflow) else "",
        fields=resolved(resource.fields(), {}),
    )


@dataclass
class Keeper:
    """One kind of thing in it."""

    held: Holder
    kind: Kind

    def list(self, owner: str, wanted: Sequence[Resource]) -> Sequence[Live]:
        self.held.calls.append(f"list {self.kind}")
        return [live for live in self.held.items.values() if live.kind is self.kind]

    def put(self, resource: Any, live: Live | None, work: Work) -> None:
        self.held.calls.append(f"put {key(resource)}")

    def drop(self, live: Live) -> None:
        self.held.calls.append(f"drop {live.key}")


if __name__ == "__main__":
    main()
