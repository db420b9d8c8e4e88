"""An entry of a pipeline's metadata.yaml → Block (Mage: "Pipeline metadata")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from deployer.errors import Problem
from deployer.load.document import Document, Keys, mapping_of, text_of
from deployer.load.files import BlockFiles
from deployer.load.templates import render_value
from deployer.model import Block, BlockId, Kind, Language, RetryPolicy

NOT_RUN = frozenset({"chart", "markdown", "scratchpad"})
"""Kinds that a run passes over (Mage: non-executable block types)."""
ELSEWHERE = {
    "ai": "AI blocks are a part of Mage Pro: ask the model in a custom block, by its own client",
}
"""Kinds of Mage's that are not in its open source → what to write instead."""
LEGACY_CALLBACK = "{}_callback"


@dataclass(frozen=True, slots=True)
class Context:
    """What an entry is read against."""

    files: BlockFiles
    environment: Mapping[str, str]
    retry: Mapping[str, Any] = field(default_factory=dict)
    """The project's retry_config: the block's lies over it."""
    executor_type: str = ""
    """The pipeline's: it holds for blocks that name none."""


@dataclass(slots=True)
class Entries:
    """One list of a document (`blocks`, `callbacks`, `conditionals`), read one by one."""

    document: Document
    context: Context
    originals: Mapping[str, Mapping[str, Any]]
    """uuid → entry of every block, for replicas."""
    problems: list[Problem] = field(default_factory=list)

    def read(self, *keys: str, kind: Kind | None = None) -> tuple[Block, ...]:
        """The runnable blocks under these keys; `kind` holds for entries that name none."""
        listed = entries(self.document, *keys)
        found = (self._block(entry, (*keys, n), kind) for n, entry in listed)
        return tuple(block for block in found if block is not None)

    def _block(self, entry: Any, keys: Keys, default: Kind | None) -> Block | None:
        if not isinstance(entry, Mapping):
            self._report("a block should be a list of keys, beginning with uuid", keys)
            return None
        uuid = text_of(entry.get("uuid")) or text_of(entry.get("name"))
        if text_of(entry.get("type")) in NOT_RUN:
            return None
        if not uuid:
            self._report("this block has no uuid", keys, "add `uuid: <name of its file>`")
            return None
        kind = self._kind(entry, keys, uuid, default)
        language = self._language(entry, keys, uuid)
        return self._made(entry, keys, uuid, kind, language) if kind and language else None

    def _kind(
        self, entry: Mapping[str, Any], keys: Keys, uuid: str, default: Kind | None
    ) -> Kind | None:
        written = text_of(entry.get("type")) or (default.value if default else "")
        try:
            return Kind(written)
        except ValueError:
            known = ", ".join(kind.value for kind in Kind)
            problem = f"type {written!r}, which does not run here" if written else "no type"
            hint = ELSEWHERE.get(written, f"known: {known}")
            self._report(f"block {uuid!r} has {problem}", (*keys, "type"), hint)
            return None

    def _language(self, entry: Mapping[str, Any], keys: Keys, uuid: str) -> Language | None:
        written = text_of(entry.get("language")) or Language.PYTHON.value
        try:
            return Language(written.lower())
        except ValueError:
            known = ", ".join(language.value for language in Language)
            message = f"block {uuid!r} is written in {written!r}, which does not run here"
            self._report(message, (*keys, "language"), f"known: {known}")
            return None

    def _made(
        self, entry: Mapping[str, Any], keys: Keys, uuid: str, kind: Kind, language: Language
    ) -> Block:
        content = entry.get("content")
        file = self._file(entry, uuid, kind, language)
        rendered = mapping_of(render_value(entry.get("executor_config"), self.context.environment))
        return Block(
            id=BlockId(uuid),
            kind=kind,
            language=language,
            file=file,
            place=self.document.place(*keys),
            name=text_of(entry.get("name")) or uuid,
            upstream=tuple(BlockId(text_of(up)) for up in items(entry.get("upstream_blocks"))),
            configuration=mapping_of(entry.get("configuration")),
            retry=self._retry(entry, keys),
            timeout=self._number(entry.get("timeout"), (*keys, "timeout")),
            executor_type=self._executor(entry),
            executor_config=rendered,
            replicates=BlockId(text_of(entry["replicated_block"]))
            if entry.get("replicated_block")
            else None,
            content=content if isinstance(content, str) and not file.is_file() else None,
        )

    def _file(self, entry: Mapping[str, Any], uuid: str, kind: Kind, language: Language) -> Any:
        """A replica runs its original's code; the file is found by the original's entry."""
        seen = {uuid}
        while (original := text_of(entry.get("replicated_block"))) and original not in seen:
            seen.add(original)
            uuid, entry = original, self.originals.get(original, {})
            if text_of(entry.get("type")) in set(Kind):
                kind = Kind(text_of(entry["type"]))
        return self.context.files.find(uuid, kind, language, entry)

    def _executor(self, entry: Mapping[str, Any]) -> str:
        """Mage: a block's `local_python` means "as the pipeline says"."""
        written = text_of(render_value(entry.get("executor_type"), self.context.environment))
        if written in {"", "local_python"}:
            return self.context.executor_type or "local_python"
        return written

    def _retry(self, entry: Mapping[str, Any], keys: Keys) -> RetryPolicy:
        written = {**self.context.retry, **mapping_of(entry.get("retry_config"))}
        default = RetryPolicy()
        place = (*keys, "retry_config")

        def number(key: str, fallback: float) -> float:
            value = self._number(written.get(key), (*place, key))
            return fallback if value is None else value

        return RetryPolicy(
            retries=max(0, int(number("retries", default.retries))),
            delay=number("delay", default.delay),
            max_delay=number("max_delay", default.max_delay),
            exponential_backoff=bool(written.get("exponential_backoff", True)),
        )

    def _number(self, value: Any, keys: Keys) -> float | None:
        if value is None or value == "":
            return None
        try:
            return float(render_value(value, self.context.environment))
        except (TypeError, ValueError):
            self._report(f"{keys[-1]} should be a number, not {value!r}", keys)
            return None

    def _report(self, message: str, keys: Keys, hint: str = "") -> None:
        self.problems.append(self.document.problem(message, *keys, hint=hint))


def items(value: Any) -> list[Any]:
    """A list as it is; a lone value as a list of one; nothing as none."""
    if isinstance(value, list):
        return [item for item in value if item is not None]
    return [] if value is None else [value]


def entries(document: Document, *keys: str) -> Iterator[tuple[int, Any]]:
    value: Any = document.value
    for key in keys:
        value = mapping_of(value).get(key)
    yield from enumerate(value if isinstance(value, list) else [])


def checked(blocks: tuple[Block, ...], checks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks, each with the extension blocks that name it as theirs."""
    return tuple(
        replace(block, checks=tuple(check for check in checks if block.id in check.upstream))
        for block in blocks
    )


def attached(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Callbacks and conditionals, one for each block that they are attached to.

    Each has inputs and outcomes of its own, so each is a function of its own.
    """
    return tuple(
        replace(
            block,
            id=block.id if len(block.upstream) == 1 else BlockId(f"{block.id}:{parent}"),
            upstream=(parent,),
        )
        for block in blocks
        for parent in block.upstream
    )
