"""blocklift.yaml: every mistake with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployer.load.config import problems
from deployer.load.document import Document, parse

GOOD = """
targets:
  prod:
    project_id: my-project
    region: europe-west1
    bucket: my-project-runs
    defaults: {memory: 2Gi}
defaults:
  memory: 512Mi
  cpu: 0.5
  timeout: 600
  python: "3.12"
files: [data/*.csv]
"""


def mistakes(text: str) -> list[tuple[int, str, str]]:
    document = parse(Path("blocklift.yaml"), text, {})
    assert isinstance(document, Document)
    return [(problem.line, problem.message, problem.hint) for problem in problems(document)]


def test_a_good_file() -> None:
    assert mistakes(GOOD) == []


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("target:\n  a: 1\n", 1, "targets"),
        ("defaults:\n  memroy: 1Gi\n", 2, "memory"),
        ("defaults:\n  memory: 1 GB\n", 2, "512Mi"),
        ("defaults:\n  timeout: soon\n", 2, "seconds"),
        ("defaults:\n  max_instances: 0\n", 2, "1000"),
        ("targets:\n  prod:\n    project_id: My Project\n", 3, "project id"),
        ("targets:\n  prod:\n    region: here\n", 3, "europe-west1"),
        ("targets:\n  prod: nothing\n", 2, "keys and values"),
        ("targets: 5\n", 1, "keys and values"),
        ("targets:\n  prod:\n    defaults:\n      cpus: 1\n", 4, "cpu"),
    ],
)
def test_mistakes(text: str, line: int, word: str) -> None:
    ((at, message, hint),) = mistakes(text)
    assert at == line
    assert word in message + hint
