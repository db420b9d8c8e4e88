"""Projects for tests: models made directly, and folders written to disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

from deployer.model import Block, BlockId, Kind, Language, Pipeline, PipelineId, Place, Project

ROOT = Path("/projects/shop")


def block(name: str, *upstream: str, kind: Kind = Kind.TRANSFORMER, **more: Any) -> Block:
    return Block(
        id=BlockId(name),
        kind=kind,
        language=more.pop("language", Language.PYTHON),
        file=ROOT / f"{kind}s" / f"{name}.py",
        place=Place(ROOT / "pipelines/daily/metadata.yaml", 1),
        name=name,
        upstream=tuple(BlockId(up) for up in upstream),
        **more,
    )


def pipeline(*blocks: Block, **more: Any) -> Pipeline:
    return Pipeline(
        id=PipelineId("daily"),
        place=Place(ROOT / "pipelines/daily/metadata.yaml", 1),
        type="python",
        blocks=blocks,
        **more,
    )


def project(*pipelines: Pipeline, **more: Any) -> Project:
    return Project(name="shop", root=ROOT, pipelines=pipelines, **more)


LOADER = "@data_loader\ndef load(*args, **kwargs):\n    return 1\n"
TRANSFORMER = "@transformer\ndef transform(data, *args, **kwargs):\n    return data\n"
EXPORTER = "@data_exporter\ndef export(data, *args, **kwargs):\n    pass\n"
CODE = {"data_loaders": LOADER, "transformers": TRANSFORMER, "data_exporters": EXPORTER}
DAILY = """
    blocks:
    - uuid: load
      type: data_loader
      language: python
      upstream_blocks: []
    - uuid: clean
      type: transformer
      language: python
      upstream_blocks: [load]
    - uuid: store
      type: data_exporter
      language: python
      upstream_blocks: [clean]
    name: daily
    type: python
    uuid: daily
"""
SHOP = {
    "metadata.yaml": "project_type: standalone\n",
    "pipelines/daily/metadata.yaml": DAILY,
    "data_loaders/load.py": LOADER,
    "transformers/clean.py": TRANSFORMER,
    "data_exporters/store.py": EXPORTER,
}
"""A small project without a mistake."""


def written(folder: Path, *files: Mapping[str, str | bytes]) -> Path:
    """Write files below `folder`/shop; later ones replace earlier ones."""
    root = folder / "shop"
    for name, content in {name: text for part in files for name, text in part.items()}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(dedent(content).lstrip("\n"), encoding="utf-8")
    return root
