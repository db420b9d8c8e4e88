"""A block → the smallest set of requirements that runs it.

What its code imports (through every module of the project that it reaches), what `mage_ai`
needs for what it uses, what the values need that come from above. Versions come from the
project's requirements.txt; for what it does not name, from what is installed beside the
deployer, so that a block runs in the cloud on what it was tried with here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

import runtime
from deployer.code import dbt, mage_names
from deployer.code.distributions import (
    ATTRIBUTES,
    BROUGHT_BY_MAGE,
    DISTRIBUTIONS,
    FILES,
    HIDDEN,
    REMOTE,
    TABLES,
    VALUES,
)
from deployer.code.imports import OURS, Library, Reach, reach
from deployer.code.listing import Listed, bare, distributions, listed
from deployer.dag.graph import graph_of, members
from deployer.model import Block, BlockId, Kind, Language, Pipeline, Project
from deployer.settings import extras

FIRST = "functions-framework"
NOT_SHIPPED = frozenset({"mage-ai", "mage-integrations"})
TABLE_LIBRARIES = ("pandas", "pyarrow")
OTHERS = {Language.R: "r", Language.YAML: "yaml:api"}
SPELLINGS = {"mssql": "sqlserver"}
"""Of SQL providers."""


@dataclass(slots=True)
class Needs:
    """Finds requirements for the blocks of one project; remembers what was found."""

    project: Project
    listed: Listed
    _tops: dict[tuple[Path, str | None, BlockId, int], frozenset[str]] = field(default_factory=dict)
    _of: dict[tuple[int, int], tuple[Pipeline, Block, tuple[str, ...]]] = field(
        default_factory=dict
    )
    """By identity of pipeline and block, which are kept so that nothing else gets theirs."""
    _found: dict[str, str | None] = field(default_factory=dict)
    _written: dict[str, str] = field(default_factory=dict)
    _lines: dict[tuple[frozenset[str], tuple[str, ...]], tuple[str, ...]] = field(
        default_factory=dict
    )
    """By modules and what is shipped: many blocks need the same."""

    def reach(self, block: Block) -> Reach:
        return reach(self.project, block)

    def of(self, pipeline: Pipeline, block: Block) -> tuple[str, ...]:
        """The lines of the function's requirements.txt."""
        key = (id(pipeline), id(block))
        if key not in self._of:
            self._of[key] = (pipeline, block, self._worked_out(pipeline, block))
        return self._of[key][2]

    def _worked_out(self, pipeline: Pipeline, block: Block) -> tuple[str, ...]:
        return self.lines(
            {*self.modules(block), *self._values(pipeline, block)},
            (*self.shipped(block), *extras.requirements(self.project, pipeline, block)),
        )

    def lines(self, modules: Iterable[str], shipped: Iterable[str] = ()) -> tuple[str, ...]:
        """Requirements for modules and for those of `runtime`; the framework's is the first."""
        key = (frozenset(modules), tuple(shipped))
        if key not in self._lines:
            self._lines[key] = self._listed(*key)
        return self._lines[key]

    def _listed(self, modules: Iterable[str], shipped: Iterable[str]) -> tuple[str, ...]:
        written = (self._line(requirement) for requirement in (*shipped, *_base()))
        every = (*written, *self._resolved(modules))
        found = {str(canonicalize_name(bare(line))): line for line in every}
        ordered = [found[name] for name in sorted(found.keys() - NOT_SHIPPED - {FIRST})]
        return (*self.listed.options, self._line(FIRST), *ordered)

    def modules(self, block: Block) -> Iterator[str]:
        """Modules that the block's own code and its checks need."""
        found = self.reach(block)
        for library in found.libraries:
            if library.top != OURS and (not library.optional or self._known(library.module)):
                yield library.module
        yield from self._hidden(found)

    def shipped(self, block: Block) -> Iterator[str]:
        """Requirements of what the block uses of `runtime`: mage_ai's names, SQL providers."""
        yield from self._by_language(block)
        if block.checks:
            yield from usage()["great_expectations"]
        found = self.reach(block)
        for library in found.libraries:
            if library.top == OURS:
                yield from _usage(library.module)
        if found.uses_io_config:
            yield from _usage("mage_ai.io.config")

    def _by_language(self, block: Block) -> Iterator[str]:
        if block.kind is Kind.DBT:
            yield from usage()["dbt"]
            yield from (dbt.requirement(name) for name in dbt.adapters(self.project, block))
        elif block.language in OTHERS:
            yield from usage()[OTHERS[block.language]]
        elif block.language is Language.SQL:
            yield from _sql_usage(str(block.configuration.get("data_provider") or ""))
            yield from TABLE_LIBRARIES

    def _hidden(self, found: Reach) -> Iterator[str]:
        """Drivers that another library imports by itself."""
        for source in found.sources:
            texts = [text for text, _ in source.strings]
            yield from (name for text in texts for sign, name in HIDDEN if sign.match(text))
            if source.attributes & FILES:
                yield from (
                    name for text in texts for start, name in REMOTE if text.startswith(start)
                )
            yield from (ATTRIBUTES[name] for name in sorted(source.attributes & set(ATTRIBUTES)))

    def _values(self, pipeline: Pipeline, block: Block) -> set[str]:
        """Modules that its values may be made of: its own, and those from above, near and far."""
        above = {name for up in _above(pipeline, block) for name in self.tops(up)} & VALUES
        tables = (above | self.tops(block)) & TABLES
        return above | (set(TABLE_LIBRARIES) if tables else set())

    def tops(self, block: Block) -> frozenset[str]:
        """First names of all that a block brings."""
        key = (block.file, block.content, block.id, len(block.checks))
        if key not in self._tops:
            modules = {name.partition(".")[0] for name in self.modules(block)}
            self._tops[key] = frozenset(modules | {bare(line) for line in self.shipped(block)})
        return self._tops[key]

    def _resolved(self, names: Iterable[str]) -> Iterator[str]:
        for name in sorted(names):
            if line := self.line_of(name):
                yield line

    def line_of(self, module: str) -> str | None:
        """The requirement that brings a module; None when nobody knows one."""
        if module not in self._found:
            self._found[module] = self._line_of(module)
        return self._found[module]

    def _line_of(self, module: str) -> str | None:
        for distribution in _candidates(module):
            if canonicalize_name(bare(distribution)) in self.listed.lines:
                return self._line(distribution)
        for name in sorted(self.listed.lines):
            if module.partition(".")[0].lower() in name.split("-"):
                return self._line(name)  # `python-dwca-reader` brings `dwca`
        known = _mapped(module) or _brought(module) or _installed(module)
        return self._line(known) if known else None

    def _known(self, module: str) -> bool:
        return self.line_of(module) is not None

    def _line(self, requirement: str) -> str:
        """As the project lists it; else pinned to what is installed here; else as it is."""
        if requirement not in self._written:
            self._written[requirement] = self._chosen(requirement)
        return self._written[requirement]

    def _chosen(self, requirement: str) -> str:
        name = canonicalize_name(bare(requirement))
        line = self.listed.lines.get(name) or requirement.lower()
        version = _version(name)
        if version is None or not _leaves_open(line):
            return line
        return f"{line}=={version}"

    def missing(self, block: Block) -> Iterator[Library]:
        """Imports that nothing provides."""
        for library in self.reach(block).libraries:
            if library.top != OURS and not library.optional and not self._known(library.module):
                yield library

    def absent(self, block: Block) -> Iterator[Library]:
        """Parts of Mage that the runtime does not provide."""
        for library in self.reach(block).libraries:
            known = library.top != OURS or mage_names.provided(library.base, library.module)
            if not known and not library.optional:
                yield library


def _leaves_open(line: str) -> bool:
    """No version is asked for."""
    try:
        written = Requirement(line)
    except InvalidRequirement:
        return False
    return not (written.specifier or written.url or written.marker)


def requirements(project: Project, pipeline: Pipeline, block: Block) -> tuple[str, ...]:
    """The lines of a block's requirements.txt."""
    return needs_of(project).of(pipeline, block)


_last: list[Needs] = []


def needs_of(project: Project) -> Needs:
    """Found out once for a Project, which is a look at a moment."""
    if not _last or _last[-1].project is not project:
        _last[:] = [Needs(project, listed(project))]
    return _last[-1]


def _above(pipeline: Pipeline, block: Block) -> list[Block]:
    """Every block whose values may come in: all ancestors; a callback's are its parent's too."""
    blocks = {known.id: known for known in pipeline.blocks}
    parents = [blocks[up] for up in block.upstream if up in blocks]
    if block.kind in {Kind.CALLBACK, Kind.CONDITIONAL}:
        return [*parents, *(up for parent in parents for up in _above(pipeline, parent))]
    if block.id not in blocks:
        return []
    graph = graph_of(pipeline.blocks)
    return [blocks[graph.names[n]] for n in members(graph.ancestors[graph.number(block.id)])]


def _candidates(module: str) -> Iterator[str]:
    """Distributions that may hold a module, likeliest first."""
    if mapped := _mapped(module):
        yield mapped
    yield from distributions().get(module.partition(".")[0], ())
    parts = module.split(".")
    for length in range(min(len(parts), 3), 0, -1):
        yield "-".join(parts[:length])
    yield from (f"python-{parts[0]}", f"py{parts[0]}")


def _mapped(module: str) -> str | None:
    parts = module.split(".")
    prefixes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((DISTRIBUTIONS[prefix] for prefix in prefixes if prefix in DISTRIBUTIONS), None)


def _brought(module: str) -> str | None:
    """Mage's own image has it."""
    name = canonicalize_name(module.partition(".")[0])
    return name if name in BROUGHT_BY_MAGE else None


def _installed(module: str) -> str | None:
    """A distribution of the same name is installed here; `google` alone could be any of many."""
    if cloud := re.match(r"google\.cloud\.([a-z_]+?)(_v\d\w*)?(\.|$)", module):
        return f"google-cloud-{cloud[1].replace('_', '-')}"
    found = distributions().get(module.partition(".")[0], [])
    return found[0] if len(set(found)) == 1 else None


@cache
def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _usage(used: str) -> Iterator[str]:
    """What `runtime` needs for a name of `mage_ai`.

    Keys are dotted; the longest that begins the name holds, so `mage_ai.io.postgres` speaks
    for `mage_ai.io.postgres.Postgres`.
    """
    table = usage()
    parts = used.split(".")
    for length in range(len(parts), 0, -1):
        if (key := ".".join(parts[:length])) in table:
            yield from table[key]
            return


def _sql_usage(provider: str) -> Iterator[str]:
    """An SQL block needs what its provider needs."""
    yield from usage().get(f"sql:{SPELLINGS.get(provider, provider)}", ())


def usage() -> Mapping[str, list[str]]:
    """Use → requirements, from runtime/requirements.json."""
    uses: Mapping[str, list[str]] = _table().get("uses", {})
    return uses


def _base() -> tuple[str, ...]:
    """What `runtime` needs whatever a block does."""
    return tuple(_table().get("base", ()))


@cache
def _table() -> Mapping[str, Any]:
    path = Path(runtime.__file__).with_name("requirements.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found
