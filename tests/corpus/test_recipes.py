"""Projects that nobody here wrote, run to their end on the local cloud, the network closed.

BLOCKLIFT_CORPUS names a folder with one folder per repository, `<owner>/<name>`; without it
only the made project runs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.corpus.proxy import Outside, outside
from tests.corpus.recipes import RECIPES, TITANIC, Recipe, looks_imputed, titanic
from tests.story.conftest import BLOCKLIFT
from tests.story.mage.making import Folder, succeeded

if TYPE_CHECKING:
    from tests.story.conftest import World

VARIABLE = "BLOCKLIFT_CORPUS"
LEFT_OUT = (".git", ".variables", "mage_data", ".blocklift", ".env", "__pycache__", "env")
MADE_LOADER = f"""
import io
import pandas as pd
import requests

URL = {TITANIC!r}

@data_loader
def load(*args, **kwargs):
    by_requests = pd.read_csv(io.StringIO(requests.get(URL).text))
    assert by_requests.equals(pd.read_csv(URL))
    assert requests.get('https://raw.githubusercontent.com/elsewhere').status_code == 404
    return by_requests
"""
MADE_TRANSFORMER = """
@transformer
def impute(df, *args, **kwargs):
    df = df[['Age', 'Fare', 'Parch', 'Pclass', 'SibSp', 'Survived']]
    known = sorted(df['Age'].dropna())
    return df.fillna({'Age': known[len(known) // 2]})
"""


def test_a_made_project_finds_the_outside_answered_here(world: World, tmp_path: Path) -> None:
    project = Folder(tmp_path / "recipes")
    project.file("metadata.yaml", "project_type: standalone\n")
    load = project.block("load", "data_loader", MADE_LOADER)
    project.pipeline(
        "titanic", load, project.block("impute", "transformer", MADE_TRANSFORMER, "load")
    )
    (tmp_path / "keys").mkdir()
    with outside(tmp_path / "keys", {TITANIC: titanic()}) as there:
        led_outside(project.root, there.environment)
        commanded(world, there, "deploy", project.root)
        looks_imputed("impute")(succeeded(world, "recipes", "titanic"), tmp_path)
    assert there.asked.count(TITANIC) == 2


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda r: f"{r.project}:{r.pipeline}")
def test_a_real_project_runs_to_its_end(world: World, tmp_path: Path, recipe: Recipe) -> None:
    corpus = Path(os.environ.get(VARIABLE, "nowhere"))
    if not (corpus / recipe.project).is_dir():
        pytest.skip(f"{VARIABLE} names no folder with {recipe.project} in it")
    root = copied(corpus, recipe, tmp_path)
    (tmp_path / "keys").mkdir()
    with outside(tmp_path / "keys", recipe.answers(corpus)) as there:
        led_outside(root, there.environment)
        recipe.before(world)
        edited(root, recipe, world)
        commanded(world, there, "deploy", root)
        try:
            recipe.look(succeeded(world, root.name, recipe.pipeline, **recipe.variables), corpus)
        finally:
            commanded(world, there, "destroy", root, "--yes", "--data")


def commanded(world: World, there: Outside, *words: str | Path) -> None:
    """The shell's own proxy must not win; libraries that no one has yet take a while."""
    environment = world.environment() | there.environment
    command = [BLOCKLIFT, *map(str, words)]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=400, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def led_outside(root: Path, environment: dict[str, str]) -> None:
    """As a user would whose company has a proxy: by settings of every function."""
    (root / "blocklift.yaml").write_text(yaml.safe_dump({"secrets": sorted(environment)}))
    lines = [f"{name}={value}\n" for name, value in environment.items()]
    (root / ".env").write_text("".join(lines))


def edited(root: Path, recipe: Recipe, world: World) -> None:
    facts = world.post("/emulator/v1/postgres:start") if recipe.edits else {}
    paths = [p for p in root.rglob("*") if p.suffix in (".py", ".yaml")] if recipe.edits else []
    for path in paths:
        text = path.read_text()
        for old, new in recipe.edits.items():
            text = text.replace(old, new.format(**facts))
        path.write_text(text)


def copied(corpus: Path, recipe: Recipe, folder: Path) -> Path:
    """The project with this one pipeline."""
    source = corpus / recipe.project
    root = folder / source.name
    shutil.copytree(source, root, ignore=shutil.ignore_patterns(*LEFT_OUT))
    for other in (root / "pipelines").iterdir():
        if other.is_dir() and other.name != recipe.pipeline:
            shutil.rmtree(other)
    for path, text in recipe.files.items():
        (root / path).write_text(text)
    for path, stored in recipe.copied.items():
        shutil.copy(corpus / stored, root / path)
    leave_out(root / "pipelines" / recipe.pipeline / "metadata.yaml", recipe.without)
    return root


def leave_out(metadata: Path, blocks: tuple[str, ...]) -> None:
    if blocks:
        found = yaml.safe_load(metadata.read_text())
        found["blocks"] = [b for b in found["blocks"] if b["uuid"] not in blocks]
        metadata.write_text(yaml.safe_dump(found))
