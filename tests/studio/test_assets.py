from __future__ import annotations

import gzip
import re
from pathlib import Path

from studio.assets import STAMP, STATIC, digest

FIRST_LOAD_LIMIT = 400_000
"""Bytes, compressed: what the pipeline editor may take before it is usable."""


def test_the_built_pages_are_those_of_the_sources() -> None:
    assert STAMP.read_text().strip() == digest(), "run `python -m studio.assets`"


def test_the_page_loads_only_what_is_built() -> None:
    page = (STATIC / "index.html").read_text()
    for address in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert (STATIC / address.lstrip("/")).is_file(), address
    assert "<script>" not in page


def test_the_editor_is_light() -> None:
    """Everything that the editor page imports at first, compressed."""
    seen: set[Path] = set()
    wanted = [STATIC / "index.html", *STATIC.glob("assets/PipelinePage-*")]
    while wanted:
        file = wanted.pop()
        if file in seen or not file.is_file():
            continue
        seen.add(file)
        if file.suffix == ".js" and file.name.startswith("index-"):
            continue  # names every page, loads none of them by itself
        names = re.findall(r'"(?:\./|/assets/)([\w.-]+\.(?:js|css))"', file.read_text())
        wanted += [STATIC / "assets" / name for name in names]
    weight = sum(len(gzip.compress(file.read_bytes())) for file in seen)
    print(f"editor page: {weight:,} bytes compressed in {len(seen)} files")
    assert 100_000 < weight < FIRST_LOAD_LIMIT
