"""Mage projects written in a few lines, and what their runs left."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from tests.story.conftest import World

Json = Any
ENDINGS = {"python": "py", "sql": "sql", "r": "r", "yaml": "yaml"}


@dataclass
class Folder:
    """A project on disk that grows by files, blocks and pipelines."""

    root: Path
    codes: set[str] = field(default_factory=set)

    def file(self, path: str, text: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(dedent(text).lstrip("\n"))

    def yaml(self, path: str, value: Json) -> None:
        self.file(path, yaml.safe_dump(value, sort_keys=False))

    def block(self, uuid: str, kind: str, code: str = "", *above: str, **entry: Json) -> Json:
        """Its file and its entry; Python code without a decorator is a main function's body."""
        language = entry.setdefault("language", "python")
        folder = kind if kind == "custom" else f"{kind}s"
        if code:
            self.file(f"{folder}/{uuid}.{ENDINGS[language]}", _whole(kind, code, language))
        return {"uuid": uuid, "type": kind, "upstream_blocks": list(above), **entry}

    def pipeline(self, name: str, *blocks: Json, **more: Json) -> None:
        found = {"uuid": name, "name": name, "type": "python", "blocks": list(blocks), **more}
        self.yaml(f"pipelines/{name}/metadata.yaml", found)


def _whole(kind: str, code: str, language: str) -> str:
    code = dedent(code).strip("\n") + "\n"
    if language != "python" or "@" in code:
        return code
    body = "".join(f"    {line}\n" for line in code.splitlines())
    decorator = {"conditional": "condition"}.get(kind, kind)
    return f"@{decorator}\ndef work(*args, **kwargs):\n{body}"


@dataclass(frozen=True)
class Ran:
    """One finished run of a deployed project."""

    world: World
    project: str
    pipeline: str
    state: str
    id: str

    @property
    def bucket(self) -> str:
        return f"blocklift-local-blocklift-{self.project.replace('_', '-')}"

    def has(self, block: str) -> bool:
        return bool(self.world.objects(self.bucket, self._prefix(block) + "manifest.json"))

    def _prefix(self, block: str) -> str:
        return f"runs/{self.project}/{self.pipeline}/{self.id}/{block}/"

    def outputs(self, block: str) -> list[Json]:
        """Of JSON and text outputs."""
        name = self._prefix(block) + "manifest.json"
        manifest = json.loads(self.world.object(self.bucket, name))
        found: list[Json] = []
        for ref in manifest["outputs"]:
            path = ref["uri"].removeprefix(f"gs://{self.bucket}/")
            data = self.world.object(self.bucket, path)
            value = data.decode() if ref["format"] == "text" else json.loads(data)
            found += value if "spread" in ref["meta"] else [value]
        return found

    def stored(self, block: str) -> bytes:
        """Its one output as it lies there."""
        manifest = json.loads(self.world.object(self.bucket, self._prefix(block) + "manifest.json"))
        (ref,) = manifest["outputs"]
        return self.world.object(self.bucket, ref["uri"].removeprefix(f"gs://{self.bucket}/"))

    def output(self, block: str) -> Json:
        (found,) = self.outputs(block)
        return found


def ran(world: World, project: str, pipeline: str, **variables: Json) -> Ran:
    """A run to its end, however that is."""
    execution = world.execute(pipeline.replace("_", "-"), **variables)
    run = execution["name"].rsplit("/", 1)[1]
    return Ran(world, project, pipeline, execution["state"], run)


def succeeded(world: World, project: str, pipeline: str, **variables: Json) -> Ran:
    execution = world.execute(pipeline.replace("_", "-"), **variables)
    assert execution["state"] == "SUCCEEDED", execution.get("error")
    run = execution["name"].rsplit("/", 1)[1]
    return Ran(world, project, pipeline, "SUCCEEDED", run)
