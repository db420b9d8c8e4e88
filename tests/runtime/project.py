"""A Mage project in a folder, and its blocks called as the workflow would call them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

from runtime.context import Context
from runtime.contract import ArtifactRef, BlockRequest, BlockResponse, BlockSpec, Manifest
from runtime.entry import answered
from runtime.run import run
from tests.runtime.fakes import FakeCloud

BUCKET = "bucket"
FOLDERS = {"custom": "custom"}


@dataclass
class Project:
    """Blocks are added with their code; `call` answers like the function would."""

    home: Path
    cloud: FakeCloud
    name: str = "shop"
    pipeline: str = "orders"
    run: str = "run-1"
    specs: dict[str, BlockSpec] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.home / self.name

    def file(self, path: str, text: str) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(dedent(text).lstrip())
        return place

    def block(
        self,
        uuid: str,
        code: str,
        *,
        kind: str = "data_loader",
        upstream: tuple[str, ...] = (),
        language: str = "python",
        **facts: Any,
    ) -> BlockSpec:
        ending = {"python": "py", "sql": "sql", "r": "r", "yaml": "yaml"}[language]
        path = f"{FOLDERS.get(kind, kind + 's')}/{uuid}.{ending}"
        self.file(path, code)
        above = {u: self._above(u) for u in upstream if u in self.specs}
        spec = BlockSpec(
            project=self.name, pipeline=self.pipeline, block=uuid, type=kind, language=language,
            path=path, upstream=list(upstream), upstream_specs=above, **facts,
        )  # fmt: skip
        self.specs[uuid] = spec
        return spec

    def _above(self, uuid: str) -> dict[str, Any]:
        spec = self.specs[uuid]
        found: dict[str, Any] = {
            "type": spec.type, "language": spec.language, "configuration": spec.configuration,
        }  # fmt: skip
        if spec.language == "sql":
            found["content"] = (self.root / spec.path).read_text()
            found |= {"upstream": spec.upstream, "upstream_specs": spec.upstream_specs}
        return found

    def request(self, **facts: Any) -> BlockRequest:
        return BlockRequest(**{"run": self.run, "bucket": BUCKET, **facts})

    def context(self, uuid: str, **facts: Any) -> Context:
        return Context.of(self.specs[uuid], self.request(**facts), str(self.root))

    def call(self, uuid: str, **facts: Any) -> BlockResponse:
        return run(self.context(uuid, **facts))

    def answer(self, uuid: str, **facts: Any) -> tuple[int, dict[str, Any]]:
        """Status and body of the function's HTTP answer."""
        text, status, _ = answered(self.specs[uuid], self.request(**facts), str(self.root))
        return status, json.loads(text)

    def manifest(self, uuid: str, *index: int) -> Manifest:
        place = "".join(f"{i}/" for i in index)
        name = f"runs/{self.name}/{self.pipeline}/{self.run}/{uuid}/{place}manifest.json"
        return Manifest.from_json(json.loads(self.cloud.objects[BUCKET, name]))

    def outputs(self, uuid: str, *index: int) -> list[Any]:
        return self.context(uuid).artifacts.outputs(self.manifest(uuid, *index))

    def refs(self, uuid: str) -> list[ArtifactRef]:
        return [ArtifactRef.from_json(ref) for ref in self.manifest(uuid).outputs]

    def received(self, uuid: str) -> Any:
        """What a downstream block of `uuid` gets as its argument."""
        code = """
            @custom
            def look(*args, **kwargs):
                seen.append(args[0])
        """
        seen: list[Any] = []
        self.block(f"after_{uuid}", code, kind="custom", upstream=(uuid,))
        spec = self.specs[f"after_{uuid}"]
        import builtins

        builtins.seen = seen  # type: ignore[attr-defined]
        try:
            run(Context.of(spec, self.request(), str(self.root)))
        finally:
            del builtins.seen  # type: ignore[attr-defined]
        return seen[0]
