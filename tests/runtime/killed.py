"""A block in a process of its own, which may end at any moment, as an instance of a function."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.runtime.project import Project

ROOT = Path(__file__).parents[2]
KILLED = 9


def bundle_in(folder: Path) -> Path:
    """The runtime as it ships."""
    shutil.copytree(ROOT / "runtime", folder / "runtime", ignore=shutil.ignore_patterns("__pyc*"))
    return folder


def attempt(project: Project, bundle: Path, uuid: str = "send") -> int:
    """One attempt at the block's call; its exit code."""
    (bundle / "block.json").write_text(json.dumps(project.specs[uuid].to_json()))
    shutil.copytree(project.root, bundle / "project/shop", dirs_exist_ok=True)
    request = json.dumps(project.request().to_json())
    process = subprocess.run(
        [sys.executable, "-m", "runtime.job"], cwd=bundle, capture_output=True, check=False,
        env=os.environ | {"BLOCKLIFT_REQUEST": request},
    )  # fmt: skip
    assert process.returncode in (0, KILLED), process.stdout.decode() + process.stderr.decode()
    return process.returncode
