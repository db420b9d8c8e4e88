"""A small project on disk for Studio's own tests."""

from __future__ import annotations

from pathlib import Path

import pytest

METADATA = """\
# kept by the team
blocks:
- uuid: load  # reads the trips
  name: load
  type: data_loader
  language: python
  upstream_blocks: []
  downstream_blocks: [clean]
- uuid: clean
  name: clean
  type: transformer
  language: python
  upstream_blocks: [load]
  downstream_blocks: []
name: trips
type: python
uuid: trips
variables:
  limit: 10
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "taxi"
    files = {
        "metadata.yaml": "project_type: standalone\n",
        "pipelines/trips/metadata.yaml": METADATA,
        "data_loaders/load.py": "@data_loader\ndef load(*args, **kwargs):\n    return 1\n",
        "transformers/clean.py": "@transformer\ndef clean(data, *args):\n    return data\n",
        ".env": "PASSWORD=planted\n",
    }
    for name, text in files.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return root
