"""pipelines/<uuid>/metadata.yaml → Pipeline (Mage: "Pipeline metadata")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from deployer.errors import Problem
from deployer.load.blocks import LEGACY_CALLBACK, Context, Entries, attached, checked, entries
from deployer.load.document import Document, mapping_of, read, text_of
from deployer.load.files import BlockFiles
from deployer.load.templates import render_value
from deployer.load.triggers import triggers
from deployer.model import Block, BlockId, Kind, Pipeline, PipelineId, Place, Trigger

METADATA = "metadata.yaml"
EXPECTATIONS = "great_expectations"
SETTINGS = (
    "concurrency_config",
    "executor_config",
    "executor_type",
    "extensions",
    "notification_config",
    "retry_config",
    "run_pipeline_in_one_process",
    "settings",
    "spark_config",
    "tags",
)


@dataclass(slots=True)
class PipelineReader:
    """Reads the pipelines of one project and collects what is wrong with them."""

    root: Path
    environment: Mapping[str, str]
    retry: Mapping[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    files: BlockFiles = field(init=False)

    def __post_init__(self) -> None:
        self.files = BlockFiles(self.root)

    def read(self) -> tuple[Pipeline, ...]:
        """Every direct child of `pipelines/` that holds a metadata.yaml."""
        folder = self.root / "pipelines"
        folders = sorted(folder.iterdir()) if folder.is_dir() else []
        found = (self._pipeline(path) for path in folders if (path / METADATA).is_file())
        return tuple(pipeline for pipeline in found if pipeline)

    def _pipeline(self, folder: Path) -> Pipeline | None:
        document = read(folder / METADATA, self.environment)
        if isinstance(document, Problem):
            self.problems.append(document)
            return None
        self._check_lists(document)
        checks = self._checks(document)
        blocks, callbacks, conditionals = self._blocks(document)
        return Pipeline(
            id=PipelineId(folder.name),
            place=Place(document.path, document.line("type") if "type" in document.value else 1),
            type=text_of(document.value.get("type")) or "python",
            blocks=checked(blocks, checks),
            callbacks=callbacks,
            conditionals=conditionals,
            extensions=checks,
            variables=mapping_of(document.value.get("variables")),
            triggers=self._triggers(folder),
            name=text_of(document.value.get("name")) or folder.name,
            description=text_of(document.value.get("description")),
            settings={key: document.value[key] for key in SETTINGS if document.value.get(key)},
        )

    def _check_lists(self, document: Document) -> None:
        for key in ("blocks", "callbacks", "conditionals"):
            value = document.value.get(key)
            if value is not None and not isinstance(value, list):
                self.problems.append(document.problem(f"{key} should be a list", key))

    def _blocks(
        self, document: Document
    ) -> tuple[tuple[Block, ...], tuple[Block, ...], tuple[Block, ...]]:
        reader = Entries(document, self._context(document), _originals(document))
        blocks = reader.read("blocks")
        callbacks = reader.read("callbacks", kind=Kind.CALLBACK)
        conditionals = reader.read("conditionals", kind=Kind.CONDITIONAL)
        self.problems += reader.problems
        plain = _without_decor(blocks, document)
        return (
            tuple(b for b in plain if b.kind not in {Kind.CALLBACK, Kind.CONDITIONAL}),
            attached((*(b for b in plain if b.kind is Kind.CALLBACK), *callbacks))
            + tuple(self._legacy_callbacks(document, plain)),
            attached((*(b for b in plain if b.kind is Kind.CONDITIONAL), *conditionals)),
        )

    def _checks(self, document: Document) -> tuple[Block, ...]:
        """Mage: "Extensions"; their code is always a file."""
        reader = Entries(document, self._context(document), {})
        found = reader.read("extensions", EXPECTATIONS, "blocks", kind=Kind.EXTENSION)
        self.problems += reader.problems
        return tuple(replace(block, content=None) for block in found)

    def _context(self, document: Document) -> Context:
        executor = text_of(render_value(document.value.get("executor_type"), self.environment))
        return Context(self.files, self.environment, self.retry, executor)

    def _legacy_callbacks(self, document: Document, blocks: tuple[Block, ...]) -> Iterator[Block]:
        """`has_callback: true` means callbacks/<uuid>_callback.py."""
        asked = {
            text_of(entry.get("uuid"))
            for _, entry in _mappings(document, "blocks")
            if entry.get("has_callback")
        }
        for block in blocks:
            name = LEGACY_CALLBACK.format(block.id)
            file = self.files.default(name, Kind.CALLBACK, block.language)
            if block.id in asked and file.is_file():
                yield Block(
                    id=BlockId(name),
                    kind=Kind.CALLBACK,
                    language=block.language,
                    file=file,
                    place=block.place,
                    name=name,
                    upstream=(block.id,),
                )

    def _triggers(self, folder: Path) -> tuple[Trigger, ...]:
        path = folder / "triggers.yaml"
        if not path.is_file():
            return ()
        document = read(path, self.environment)
        if isinstance(document, Problem):
            self.problems.append(document)
            return ()
        found, problems = triggers(document)
        self.problems += problems
        return found


def _mappings(document: Document, key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    return ((n, entry) for n, entry in entries(document, key) if isinstance(entry, Mapping))


def _originals(document: Document) -> Mapping[str, Mapping[str, Any]]:
    return {text_of(entry.get("uuid")): entry for _, entry in _mappings(document, "blocks")}


def _without_decor(blocks: tuple[Block, ...], document: Document) -> tuple[Block, ...]:
    """Blocks whose upstream lists no longer name markdown and other things that do not run."""
    running = {block.id for block in blocks}
    decor = {uuid for uuid in _originals(document) if uuid not in running}
    return tuple(
        replace(block, upstream=tuple(up for up in block.upstream if up not in decor))
        for block in blocks
    )
