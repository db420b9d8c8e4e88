"""What would go wrong with a project that reads well: found without running any of it."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from deployer import naming, support
from deployer.code import dbt, mage_names, products
from deployer.code.requirements import Needs, needs_of
from deployer.code.source import source_of
from deployer.dag import dynamic
from deployer.dag.graph import cycle
from deployer.errors import Problem
from deployer.load.pipelines import EXPECTATIONS
from deployer.model import Block, BlockId, Kind, Language, Pipeline, Place, Project
from deployer.options import options
from deployer.settings import extras
from deployer.settings.names import code_of

LONGEST_NAME = 200
"""Object names hold project, pipeline, run and block in 1,024 bytes (Storage: "Objects")."""
ENDLESS = "@always_on"
CONFIG = "blocklift.yaml"
ONLY_EXPECTATIONS = f"of Mage's extensions {EXPECTATIONS} runs here"
WITHOUT_TABLE = frozenset({Kind.SENSOR, Kind.DBT})


def check(project: Project) -> tuple[Problem, ...]:
    """Every problem of every pipeline, ordered by file and line."""
    checker = _Checker(project, needs_of(project))
    found = [*checker.project_wide()]
    for pipeline in project.pipelines:
        found += checker.pipeline(pipeline)
    return tuple(sorted(set(found), key=lambda p: (str(p.path), p.line, p.message)))


@dataclass(slots=True)
class _Checker:
    project: Project
    needs: Needs

    def project_wide(self) -> Iterator[Problem]:
        yield from self.needs.listed.problems
        yield from self._collisions()
        for key, place in extras.unknown(self.project):
            message = f"{key} names {place!r}, which is no pipeline and no block of one"
            hint = "write PIPELINE, or PIPELINE/BLOCK"
            yield Problem(self.project.root / CONFIG, 0, message, hint)

    def _collisions(self) -> Iterator[Problem]:
        """Two blocks, or two pipelines, that would be one thing in the cloud."""
        taken: dict[str, tuple[Place, str]] = {}
        for pipeline in self.project.pipelines:
            workflow = (
                f"workflow {naming.workflow_id(pipeline)}",
                pipeline.place,
                str(pipeline.id),
            )
            functions = [
                (naming.function_id(pipeline, block), block.place, str(block.id))
                for block in _all(pipeline)
            ]
            for name, place, written in (workflow, *functions):
                other, named = taken.setdefault(name, (place, written))
                twice = named == written and other.path == place.path  # said by `_doubles`
                if other != place and not twice:
                    where = f"{other.path.parent.name}/{other.path.name}:{other.line}"
                    message = f"{written!r} gets the same name in the cloud as {where}: {name!r}"
                    yield Problem(place.path, place.line, message, "rename one of them")

    def pipeline(self, pipeline: Pipeline) -> Iterator[Problem]:
        if reason := support.of_pipeline(pipeline):
            message, hint = reason
            place = pipeline.place
            yield Problem(place.path, place.line, f"pipeline {pipeline.id!r} {message}", hint)
            return
        yield from _long_names(pipeline)
        yield from _doubles(pipeline)
        yield from _unknown_upstream(pipeline)
        yield from _cycles(pipeline)
        yield from _dynamics(self.project, pipeline)
        yield from _endless(pipeline)
        yield from _extensions(pipeline)
        for block in _all(pipeline):
            yield from self._block(pipeline, block)
        for check in pipeline.extensions:
            if check.language is Language.PYTHON and not check.file.is_file():
                yield self._missing(check)

    def _block(self, pipeline: Pipeline, block: Block) -> Iterator[Problem]:
        if reason := support.of_block(block):
            message, hint = reason
            yield _at(block, f"block {block.id!r} {message}", hint)
        elif block.kind is Kind.GLOBAL_DATA_PRODUCT:
            for message, hint in products.mistakes(self.project, block):
                yield _at(block, f"block {block.id!r} {message}", hint)
        elif block.content is None and not block.file.is_file():
            yield self._missing(block)
        elif block.kind is Kind.DBT:
            for message, hint in dbt.mistakes(self.project, pipeline, block):
                yield _at(block, f"block {block.id!r} {message}", hint)
        elif block.language is Language.PYTHON:
            yield from self._python(block)
        elif block.checks:
            yield from self._reached(block)

    def _missing(self, block: Block) -> Problem:
        inside = block.file.relative_to(self.project.root)
        folder = block.file.parent
        names = [p.name for p in folder.iterdir()] if folder.is_dir() else []
        near = difflib.get_close_matches(block.file.name, names, 1, 0.8)
        hint = f"did you mean {near[0]}?" if near else f"create {inside}, or remove the block"
        return _at(block, f"block {block.id!r} has no file: {inside}", hint)

    def _python(self, block: Block) -> Iterator[Problem]:
        source = source_of(block.file, block.content)
        where = block.file if block.content is None else block.place.path
        if source.mistake is None:
            yield from _undecorated(block)
        else:
            line, message = source.mistake
            hint = f"block {block.id!r} cannot start before this line is mended"
            yield Problem(where, line, f"is no valid Python: {message}", hint)
            return
        yield from self._reached(block)

    def _reached(self, block: Block) -> Iterator[Problem]:
        """Modules that the block's code leads to, and what those ask for."""
        for other in self.needs.reach(block).sources:
            if other.mistake and other.path != block.file:
                line, message = other.mistake
                hint = f"block {block.id!r} imports it"
                yield Problem(other.path, line, f"is no valid Python: {message}", hint)
        for library in self.needs.absent(block):
            message = f"imports {library.module!r}, a part of Mage that does not exist here"
            hint = mage_names.instead(library.module)
            yield Problem(library.place.path, library.place.line, message, hint)
        for library in self.needs.missing(block):
            hint = "add the package that brings it to requirements.txt"
            if library.top == self.project.name or (self.project.root / library.top).is_dir():
                hint = "the project has no such file; is a git submodule missing?"
            message = f"nothing provides the import {library.base!r}"
            yield Problem(library.place.path, library.place.line, message, hint)


def _all(pipeline: Pipeline) -> tuple[Block, ...]:
    return (*pipeline.blocks, *pipeline.callbacks, *pipeline.conditionals)


def _at(block: Block, message: str, hint: str = "") -> Problem:
    return Problem(block.place.path, block.place.line, message, hint)


def _long_names(pipeline: Pipeline) -> Iterator[Problem]:
    for block in _all(pipeline):
        if len(block.id) > LONGEST_NAME:
            message = f"block {block.id[:40]}… has a name of {len(block.id)} characters"
            yield _at(block, message, f"at most {LONGEST_NAME}")
    if len(pipeline.id) > LONGEST_NAME:
        message = f"pipeline {pipeline.id[:40]}… has a name of {len(pipeline.id)} characters"
        yield Problem(pipeline.place.path, 1, message, f"at most {LONGEST_NAME}")


def _doubles(pipeline: Pipeline) -> Iterator[Problem]:
    """Mage: the same uuid twice is an error."""
    counts = Counter(block.id for block in _all(pipeline))
    seen: set[BlockId] = set()
    for block in _all(pipeline):
        if block.id in seen:
            message = f"block {block.id!r} is in the pipeline {counts[block.id]} times"
            yield _at(block, message, "give one of them another uuid")
        seen.add(block.id)


def _unknown_upstream(pipeline: Pipeline) -> Iterator[Problem]:
    """Mage drops such names in silence, and the block loses an argument."""
    known = [block.id for block in pipeline.blocks]
    attached = {block.id for block in (*pipeline.callbacks, *pipeline.conditionals)}
    for block in (*_all(pipeline), *pipeline.extensions):
        for up in dict.fromkeys(block.upstream):
            if up in known:
                continue
            near = difflib.get_close_matches(up, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else "remove it, or add the block"
            if up in attached:
                hint = "callbacks and conditionals have no output: remove it"
            line = _line_of(block.place, up)
            message = f"block {block.id!r} waits for {up!r}, which is not in the pipeline"
            yield Problem(block.place.path, line, message, hint)


def _line_of(place: Place, name: str) -> int:
    """The line after a block's entry begins at which a name stands; its first one otherwise."""
    lines = place.path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    inside = False
    for number, line in enumerate(lines[place.line - 1 :], place.line):
        inside = inside or "upstream_blocks" in line
        if inside and name in re.split(r"[\s\[\]{},'\"]+", line):
            return number
    return place.line


def _cycles(pipeline: Pipeline) -> Iterator[Problem]:
    """One problem for each cycle that is left after mending the ones before."""
    above = {block.id: list(block.upstream) for block in pipeline.blocks}
    blocks = {block.id: block for block in pipeline.blocks}
    while found := cycle(_known_only(above)):
        last, first = found[-2], found[-1]
        way = " → ".join(found)
        hint = "remove one of these upstream_blocks"
        message = f"blocks wait for each other in a circle: {way}"
        if len(found) == 2:
            message = f"block {first!r} waits for itself"
        yield _at(blocks[first], message, hint)
        above[first] = [up for up in above[first] if up != last]


def _known_only(above: dict[BlockId, list[BlockId]]) -> dict[BlockId, list[BlockId]]:
    return {name: [up for up in ups if up in above] for name, ups in above.items()}


def _dynamics(project: Project, pipeline: Pipeline) -> Iterator[Problem]:
    above = {block.id: list(block.upstream) for block in pipeline.blocks}
    if cycle(_known_only(above)):
        return
    for block in pipeline.blocks:
        if dynamic.is_dynamic(block) and options(project, pipeline, block).job:
            message = f"block {block.id!r} is dynamic and a Cloud Run job, which cannot say a count"
            yield _at(block, message, "let a shorter block return the items")


def _endless(pipeline: Pipeline) -> Iterator[Problem]:
    for trigger in pipeline.triggers:
        if trigger.interval == ENDLESS and trigger.active:
            message = f"trigger {trigger.name!r} is {ENDLESS}: it starts a run whenever one ends"
            hint = "choose a schedule, e.g. `*/5 * * * *`, or set it inactive"
            yield Problem(trigger.place.path, trigger.place.line, message, hint)


def _extensions(pipeline: Pipeline) -> Iterator[Problem]:
    """Blocks beside the list of blocks: left out, they would let bad data pass unseen."""
    written = pipeline.settings.get("extensions")
    for name, extension in written.items() if isinstance(written, Mapping) else ():
        if name != EXPECTATIONS and isinstance(extension, Mapping) and extension.get("blocks"):
            message = f"pipeline {pipeline.id!r} has blocks of the extension {name!r}"
            yield Problem(pipeline.place.path, pipeline.place.line, message, ONLY_EXPECTATIONS)
    for check in pipeline.extensions:
        yield from _of_extension(pipeline, check)


def _of_extension(pipeline: Pipeline, check: Block) -> Iterator[Problem]:
    if check.language is not Language.PYTHON:
        yield _at(check, f"extension block {check.id!r} is in {check.language}", "use Python")
    elif not check.upstream:
        message = f"extension block {check.id!r} names no block that it checks"
        yield _at(check, message, "write it into its upstream_blocks")
    elif check.file.is_file() and not source_of(check.file).mistake:
        yield from _undecorated(check)
    for block in pipeline.blocks:
        if block.id in check.upstream and block.kind in WITHOUT_TABLE:
            message = f"extension block {check.id!r} checks {block.id!r}, a {block.kind} block"
            yield _at(check, message, "check a block that returns a table")


def _undecorated(block: Block) -> Iterator[Problem]:
    """By reading: nothing is executed (Mage: a block needs its kind's decorator)."""
    wanted = support.DECORATORS.get(block.kind)
    if wanted is None:
        return
    source = source_of(block.file, block.content)
    if any(wanted & set(found.decorators) for found in source.decorated):
        return
    where = block.file if block.content is None else block.place.path
    decorator = min(wanted)
    others = _other_decorators(d for found in source.decorated for d in found.decorators)
    hint = f"write @{decorator} above the function that does the work"
    if others:
        hint = f"it has @{others[0]}: is the block's type, {block.kind.value}, right?"
    elif not code_of(block).strip():
        hint = f"the file is empty: write a function with @{decorator}"
    line = source.decorated[0].line if source.decorated else 1
    yield Problem(where, line, f"block {block.id!r} has no function with @{decorator}", hint)


def _other_decorators(names: Iterable[str]) -> list[str]:
    known = {name for wanted in support.DECORATORS.values() for name in wanted}
    return [name for name in names if name in known and name != Kind.CUSTOM] or []
