"""Block → the source archive of its function, byte for byte the same on every machine.

main.py            one line: the runtime's handler under the entry point's name
block.json         what is known of the block (runtime.contract.BlockSpec)
requirements.txt   the smallest set that runs it
runtime/           copied as it is
project/<name>/    of the author's files, just those that the block reaches
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import runtime
from deployer import naming
from deployer.code import dbt, neighbours, products, warehouse
from deployer.code.carried import path_in_project, project_files
from deployer.code.plain import json_bytes
from deployer.code.requirements import needs_of, usage
from deployer.dag import dynamic
from deployer.model import Block, Kind, Pipeline, PipelineId, Project
from deployer.settings import names as settings
from deployer.triggers import limits
from runtime.contract import BlockSpec

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The oldest time that a zip knows."""
MODE = 0o644
RUNTIME = "runtime/"
MAIN = "from runtime.entry import handle as block\n"
TRIGGER_MAIN = "from runtime.trigger import handle as trigger\n"
RUNTIME_SUFFIXES = frozenset({".py", ".json", ".sql", ".txt", ".typed", ".R", ".r"})


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of one function."""

    name: str
    """Function id."""
    files: Mapping[str, bytes]
    """Archive path → content, sorted by path."""
    requirements: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    """Names of environment variables that the block asks for."""
    entry_point: str = "block"
    _told: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def digest(self) -> str:
        """sha256 of paths and contents, hexadecimal; worked out once."""
        if not self._told:
            lines = b"".join(map(_line, self.files.keys(), self.files.values()))
            self._told.append(hashlib.sha256(lines).hexdigest())
        return self._told[0]

    def zip_bytes(self) -> bytes:
        return zipped(self.files)

    def write(self, path: Path) -> None:
        path.write_bytes(self.zip_bytes())


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The same bytes for the same files, wherever and whenever."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in files.items():
            archive.writestr(_entry(path), content, zipfile.ZIP_DEFLATED, 6)
    return buffer.getvalue()


@lru_cache(maxsize=1024)
def _line(path: str, content: bytes) -> bytes:
    """The runtime's files are the same objects in every bundle: hashed once."""
    return f"{path}\0".encode() + hashlib.sha256(content).digest()


def _entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, EPOCH)
    entry.create_system = 3  # Unix, also when made elsewhere: permissions count
    entry.external_attr = MODE << 16
    return entry


def bundle(project: Project, pipeline: Pipeline, block: Block) -> Bundle:
    """The function of one block, callback or conditional."""
    lines = needs_of(project).of(pipeline, block)
    files = {
        "main.py": MAIN.encode(),
        "block.json": json_bytes(spec(project, pipeline, block).to_json()),
        "requirements.txt": _text(lines),
        **dict(project_files(project, pipeline, block)),
    }
    return Bundle(
        name=naming.function_id(pipeline, block),
        files=_with_runtime(files),
        requirements=lines,
        settings=settings.needed(project, pipeline, block),
    )


def trigger_bundle(project: Project, workflow: Callable[[Pipeline], str]) -> Bundle | None:
    """The function that answers API triggers; None when there are none. `workflow` gives the
    full resource name of a pipeline's workflow.
    """
    entries = [
        {
            "id": naming.trigger_id(pipeline.id, trigger.name),
            "pipeline": pipeline.id,
            "workflow": workflow(pipeline),
            "name": trigger.name,
            "variables": dict(trigger.variables),
            "limits": limits.told(pipeline, trigger),
            "token_env": naming.token_env(pipeline.id, trigger.name),
        }
        for pipeline in project.pipelines
        for trigger in pipeline.triggers
        if trigger.kind == "api"
    ]
    if not entries:
        return None
    return own_bundle(
        project,
        "trigger",
        TRIGGER_MAIN,
        ("triggers.json", entries),
        name=naming.trigger_function_id(project.alias),
        settings=sorted(str(entry["token_env"]) for entry in entries),
    )


def own_bundle(
    project: Project,
    entry_point: str,
    main: str,
    told: tuple[str, Any],
    name: str,
    settings: Sequence[str],
) -> Bundle:
    """A function of ours that runs no block; `told` is the file, and what it is told in it."""
    lines = needs_of(project).lines((), usage().get(entry_point, []))
    files = {
        "main.py": main.encode(),
        told[0]: json_bytes(told[1]),
        "requirements.txt": _text(lines),
        **_runtime(),
    }
    return Bundle(
        name=name,
        files=dict(sorted(files.items())),
        requirements=lines,
        settings=tuple(settings),
        entry_point=entry_point,
    )


def spec(project: Project, pipeline: Pipeline, block: Block) -> BlockSpec:
    """What the runtime is told of a block: block.json."""
    known = {b.id: b for b in pipeline.blocks}
    parent = known.get(block.upstream[0]) if is_attached(block) and block.upstream else None
    inputs = parent if parent and block.kind is Kind.CONDITIONAL else block
    upstream = [up for up in inputs.upstream if up in known]
    its = dynamic.sources(pipeline)
    others = neighbours.neighbours(project, block)
    product = products.of(project, block)
    return BlockSpec(
        project=project.name,
        pipeline=pipeline.id,
        block=block.id,
        type=block.kind.value,
        language=block.language.value,
        path=path_in_project(project, block),
        upstream=[str(up) for up in upstream],
        configuration=dict(block.configuration),
        variables=dict(pipeline.variables),
        dynamic=dynamic.is_dynamic(block),
        upstream_modes={up: dynamic.mode(known[up], its[up], inputs) for up in upstream},
        sources=[str(source) for source in its.get(inputs.id, ())],
        upstream_sources={up: list(map(str, its[up])) for up in upstream if its[up]},
        upstream_specs=warehouse.specs(project, pipeline, upstream),
        parent=parent.id if parent else None,
        retry={f.name: getattr(block.retry, f.name) for f in fields(block.retry)},
        timeout=block.timeout,
        in_warehouse=warehouse.stays(project, pipeline, block),
        workflows=_workflows(project, others.started),
        global_variables=pipeline.id in neighbours.changes(project),
        pipeline_variables=neighbours.variables(project, others.known),
        checks=[
            {"block": check.id, "path": path_in_project(project, check)} for check in block.checks
        ],
        product=product.to_json() if product else {},
        dbt=dbt.facts(project, pipeline, block) if dbt.is_dbt(block) else {},
    )


def _workflows(project: Project, names: tuple[PipelineId, ...]) -> dict[str, str]:
    return {str(p.id): naming.workflow_id(p) for p in project.pipelines if p.id in names}


def is_attached(block: Block) -> bool:
    return block.kind in {Kind.CALLBACK, Kind.CONDITIONAL}


@cache
def _runtime() -> dict[str, bytes]:
    """The runtime's own files, read once; sorted by path."""
    root = Path(runtime.__file__).parent
    found = (path for path in root.rglob("*") if path.suffix in RUNTIME_SUFFIXES)
    files = {
        f"{RUNTIME}{path.relative_to(root).as_posix()}": path.read_bytes()
        for path in found
        if "__pycache__" not in path.parts and path.is_file()
    }
    return dict(sorted(files.items()))


def _with_runtime(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Sorted by path; the runtime's many files are in order already."""
    own = sorted(files.items())
    place = bisect(own, (RUNTIME, b""))
    return dict(own[:place]) | _runtime() | dict(own[place:])


def _text(lines: tuple[str, ...]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
