"""Which connector a YAML block names, and which of them run here."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployer.check import check
from deployer.code.yaml_sources import source_of
from deployer.load import survey
from tests.deployer.making import SHOP, written


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("source: api\nconfig: {}\n", "api"),
        ("destination: 'postgresql'\n", "postgresql"),
        ("connector_type: kafka\n", "kafka"),
        ("config:\n  source: api\n", ""),
        ("", ""),
    ],
)
def test_the_name_is_found_without_rendering(text: str, name: str) -> None:
    assert source_of(text) == name


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("data_loader", "source: api\nconfig: {url: http://x}\n", ""),
        ("data_loader", "source: postgresql\n", "'postgresql' through a connector"),
        ("data_exporter", "destination: bigquery\n", "'bigquery' through a connector"),
        ("data_exporter", "source: api\n", "'api' through a connector"),
        ("transformer", "x: 1\n", "only `source: api` runs here"),
    ],
)
def test_only_plain_http_runs(tmp_path: Path, kind: str, text: str, words: str) -> None:
    files = {
        "pipelines/more/metadata.yaml": f"blocks:\n- {{uuid: x, type: {kind}, language: yaml}}\n",
        f"{kind}s/x.yaml": text,
    }
    project, _ = survey(written(tmp_path, SHOP, files))
    assert project is not None
    told = [problem.message for problem in check(project)]
    assert len(told) == bool(words)
    assert words in "".join(told)
