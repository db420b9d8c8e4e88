"""Changes of pipelines on disk: metadata.yaml files edited so that comments and order survive.

Each change reads the file, changes what was asked, and writes beside and renames. Upstream and
downstream lists are kept in step, as Mage's own editor does.
"""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from studio.server.errors import StudioError, missing
from studio.server.files import Files, write_beside
from studio.server.messages import BlockChange, NewBlock

KEYS = {"upstream": "upstream_blocks"}
EXTENSIONS = {"python": "py", "sql": "sql", "r": "r", "yaml": "yaml"}
FOLDERS = {"custom": "custom"}


def clean_name(name: str) -> str:
    """A uuid of what a person typed, by Mage's rule; `/` stays (Mage: block uuids)."""
    text = re.sub(r"[^\w/]+", "_", name.strip().lower(), flags=re.ASCII).strip("_/")
    if not text or ".." in text:
        raise StudioError(400, f"{name!r} is not a name", "Use letters, digits and _.")
    return f"letter_{text}" if text[0].isdigit() else text


def code_path(kind: str, uuid: str, language: str) -> str:
    folder = FOLDERS.get(kind, f"{kind}s")
    return f"{folder}/{uuid}.{EXTENSIONS[language]}"


class Editor:
    """The verbs of the pipeline editor."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._lock = threading.Lock()

    def metadata(self, pipeline: str) -> Path:
        place = self.files.place(f"pipelines/{pipeline}/metadata.yaml")
        if not place.is_file():
            raise missing(f"pipeline {pipeline}")
        return place

    def create(self, name: str, copy_of: str | None) -> str:
        """A new pipeline, empty or as another one; answers its uuid."""
        uuid = clean_name(name).replace("/", "_")
        folder = self.files.place(f"pipelines/{uuid}")
        if folder.exists():
            raise StudioError(409, f"There is a pipeline {uuid} already")
        source = self.metadata(copy_of).read_text() if copy_of else "blocks: []\ntype: python\n"
        document = yaml().load(source) or CommentedMap()
        document["uuid"], document["name"] = uuid, name
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
        write_beside(folder / "metadata.yaml", dumped(document))
        return uuid

    def change_pipeline(self, pipeline: str, change: Mapping[str, Any]) -> str:
        """Name, description, variables; a new `id` renames the folder."""
        known = {key: change[key] for key in ("name", "description", "variables") if key in change}

        def apply(document: CommentedMap) -> None:
            refuse_changed(document, change.get("was"))
            document.update(known)

        self.edit(pipeline, apply)
        wanted = change.get("id")
        if not wanted or clean_name(wanted) == pipeline:
            return pipeline
        uuid = clean_name(wanted).replace("/", "_")
        target = self.files.place(f"pipelines/{uuid}")
        if target.exists():
            raise StudioError(409, f"There is a pipeline {uuid} already")
        self.edit(pipeline, lambda document: document.update({"uuid": uuid}))
        self.metadata(pipeline).parent.rename(target)
        return uuid

    def discard(self, pipeline: str) -> None:
        self.metadata(pipeline)
        self.files.discard(f"pipelines/{pipeline}")

    def add_block(self, pipeline: str, block: NewBlock, code: str, settings: Any) -> str:
        """A block from a template; an existing file of that name is shared, not overwritten."""
        uuid = clean_name(block.name)
        path = code_path(block.kind, uuid, block.language)

        def add(document: CommentedMap) -> None:
            blocks = blocks_of(document)
            if any(item.get("uuid") == uuid for item in blocks):
                raise StudioError(409, f"This pipeline has a block {uuid} already")
            blocks.append(entry(block, uuid, settings))
            rewire(blocks)

        self.edit(pipeline, add)
        if not self.files.place(path).exists():
            self.files.write(path, code, "")
        return uuid

    def change_block(self, pipeline: str, uuid: str, change: BlockChange) -> None:
        def apply(document: CommentedMap) -> None:
            block = find(document, uuid)
            refuse_changed(block, change.was)
            if change.upstream is not None:
                block["upstream_blocks"] = list(change.upstream)
            if change.configuration is not None:
                block["configuration"] = change.configuration
            if change.retry is not None:
                block["retry_config"] = change.retry
            if change.timeout is not None:
                block["timeout"] = change.timeout or None
            if change.name is not None:
                block["name"] = change.name
            rewire(blocks_of(document))

        self.edit(pipeline, apply)

    def remove_block(self, pipeline: str, uuid: str) -> None:
        """Take a block out of the pipeline; its file stays."""

        def remove(document: CommentedMap) -> None:
            block = find(document, uuid)
            for key in ("blocks", "callbacks", "conditionals"):
                if block in (document.get(key) or []):
                    document[key].remove(block)
            for other in blocks_of(document):
                upstream = other.get("upstream_blocks") or []
                other["upstream_blocks"] = [name for name in upstream if name != uuid]
            rewire(blocks_of(document))

        self.edit(pipeline, remove)

    def edit(self, pipeline: str, change: Callable[[CommentedMap], None]) -> None:
        with self._lock:
            place = self.metadata(pipeline)
            document = yaml().load(place.read_text()) or CommentedMap()
            change(document)
            write_beside(place, dumped(document))


def yaml() -> YAML:
    loader = YAML(typ="rt")
    loader.preserve_quotes = True
    loader.width = 4096
    return loader


def dumped(document: CommentedMap) -> bytes:
    stream = io.BytesIO()
    yaml().dump(document, stream)
    return stream.getvalue()


def blocks_of(document: CommentedMap) -> CommentedSeq:
    if not isinstance(document.get("blocks"), list):
        document["blocks"] = CommentedSeq()
    blocks: CommentedSeq = document["blocks"]
    if not blocks:
        blocks.fa.set_block_style()
    return blocks


def refuse_changed(now: Mapping[str, Any], was: Mapping[str, Any] | None) -> None:
    """`was` is what the page showed; what somebody else changed since is not overwritten."""
    for name, shown in (was or {}).items():
        found = now.get(KEYS.get(name, name))
        if json.loads(json.dumps(found, default=str)) != shown and (found or shown):
            hint = "Nothing was written. Look at what is there now, then change it again."
            raise StudioError(409, f"Somebody changed {name} meanwhile", hint)


def find(document: CommentedMap, uuid: str) -> CommentedMap:
    for key in ("blocks", "callbacks", "conditionals"):
        for block in document.get(key) or []:
            if block.get("uuid") == uuid:
                found: CommentedMap = block
                return found
    raise missing(f"block {uuid}")


def rewire(blocks: CommentedSeq) -> None:
    """Make the downstream lists the mirror of the upstream lists."""
    names = {block.get("uuid") for block in blocks}
    for block in blocks:
        uuid = block.get("uuid")
        unknown = [name for name in block.get("upstream_blocks") or [] if name not in names]
        if unknown:
            raise StudioError(400, f"{uuid} cannot come after {unknown[0]}: there is no such block")
        downstream = [
            other["uuid"] for other in blocks if uuid in (other.get("upstream_blocks") or [])
        ]
        if downstream != list(block.get("downstream_blocks") or []):
            block["downstream_blocks"] = downstream
    refuse_cycles({block["uuid"]: list(block.get("upstream_blocks") or []) for block in blocks})


def refuse_cycles(upstream: Mapping[str, list[str]]) -> None:
    finished: set[str] = set()

    def visit(uuid: str, trail: tuple[str, ...]) -> None:
        if uuid in trail:
            raise StudioError(400, "That would be a cycle: " + " → ".join([*trail, uuid]))
        if uuid not in finished:
            for name in upstream[uuid]:
                visit(name, (*trail, uuid))
            finished.add(uuid)

    for uuid in upstream:
        visit(uuid, ())


def entry(block: NewBlock, uuid: str, configuration: Any) -> dict[str, Any]:
    """A block's entry with the keys that Mage's editor writes, in its order."""
    return {
        "all_upstream_blocks_executed": not block.upstream,
        "color": block.color,
        "configuration": dict(configuration),
        "downstream_blocks": [],
        "executor_config": None,
        "executor_type": "local_python",
        "has_callback": False,
        "language": block.language,
        "name": block.name,
        "retry_config": None,
        "status": "not_executed",
        "timeout": None,
        "type": block.kind,
        "upstream_blocks": list(block.upstream),
        "uuid": uuid,
    }
