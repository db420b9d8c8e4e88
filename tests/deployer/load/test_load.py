"""Real projects that nobody here wrote: every one loads, and compiles or says why not.

BLOCKLIFT_CORPUS names a folder with one folder per repository, `<owner>/<name>`; only then do
these run. None of the code in there is executed.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deployer import support
from deployer.bundle import bundle
from deployer.compile import compile_pipeline
from deployer.inspection import SampleUrls, inspect
from deployer.load import find_projects
from deployer.model import Pipeline, Project
from emulator.workflows.parse import parse

VARIABLE = "BLOCKLIFT_CORPUS"


@dataclass
class Row:
    """What became of one project."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)


@pytest.mark.slow
def test_every_real_project_compiles_or_is_refused_with_a_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = os.environ.get(VARIABLE)
    if not folder or not Path(folder).is_dir():
        pytest.skip(f"no real projects: {VARIABLE} does not name a folder of checked-out ones")
    rows = [looked_at(Path(folder), root) for root in roots(Path(folder))]
    with capsys.disabled():
        print(table(rows))
    assert rows
    assert not [line for row in rows for line in row.unexplained]


def roots(folder: Path) -> Iterator[Path]:
    for repository in sorted(folder.glob("*/*")):
        yield from (p for p in find_projects(repository) if "site-packages" not in p.parts)


def looked_at(folder: Path, root: Path) -> Row:
    row = Row(str(root.relative_to(folder)))
    found = inspect(root)
    row.counts["problems"] = len(found.problems)
    row.counts["notes"] = len(found.remarks)
    row.unexplained = [str(p) for p in found.problems if not p.message]
    broken = {problem.path for problem in found.problems}
    for pipeline in found.project.pipelines if found.project else ():
        row.counts["pipelines"] += 1
        row.counts["blocks"] += len(pipeline.blocks)
        if support.of_pipeline(pipeline) or refused(pipeline, broken):
            row.counts["refused"] += 1
        else:
            assert found.project
            made(found.project, pipeline)
            row.counts["compiled"] += 1
    return row


def refused(pipeline: Pipeline, broken: set[Path]) -> bool:
    """Some problem stands in the pipeline's own files or in those of its blocks."""
    every = (*pipeline.blocks, *pipeline.callbacks, *pipeline.conditionals)
    return bool(broken & {pipeline.place.path, *(block.file for block in every)})


def made(project: Project, pipeline: Pipeline) -> None:
    """The emulator's own Workflows takes it, and every block has a bundle."""
    parse(compile_pipeline(project, pipeline, SampleUrls(pipeline), "bucket").text)
    for block in (*pipeline.blocks, *pipeline.callbacks, *pipeline.conditionals):
        assert bundle(project, pipeline, block).zip_bytes()


COLUMNS = ("pipelines", "blocks", "compiled", "refused", "problems", "notes")


def table(rows: list[Row]) -> str:
    whole = Row(f"{len(rows)} projects", sum((row.counts for row in rows), Counter()))
    head = "".join(f"{column:>10}" for column in COLUMNS)
    return "\n".join([f"\n{'':60}{head}", *map(line, (*rows, whole))])


def line(row: Row) -> str:
    return f"{row.name[-58:]:60}" + "".join(f"{row.counts[column]:>10}" for column in COLUMNS)
