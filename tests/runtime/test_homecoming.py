"""Paths of Mage's image: where they lead to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from runtime.homecoming import moved

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "shop/data").mkdir(parents=True)
    (tmp_path / "shop/data/x.csv").write_text("a\n1\n")
    (tmp_path / "beside").mkdir()
    return tmp_path / "shop"


WHERE = {
    "/home/src": "",
    "/home/src/": "/",
    "/home/src/shop/data/x.csv": "/shop/data/x.csv",
    "/home/src/data/x.csv": "/shop/data/x.csv",  # Mage was started with the project itself there
    "/home/src/default_repo/data/x.csv": "/shop/data/x.csv",  # its folder had another name
    "/home/src/default_repo/new/out.csv": "/shop/new/out.csv",
    "/home/src/beside/y.csv": "/beside/y.csv",
    "/home/src/new.csv": "/new.csv",
}


@pytest.mark.parametrize("text", WHERE)
def test_a_path_of_the_image_leads_into_the_bundle(project: Path, text: str) -> None:
    assert moved(text, str(project.parent), str(project)) == str(project.parent) + WHERE[text]


def test_modules_that_blocks_import_come_home_too(project: Path) -> None:
    (project / "utils.py").write_text("PATH = f'/home/src/shop/{1}.csv'\nLIKE = '/home/srcs'\n")
    (project / "plain.py").write_text("PATH = __file__\n")
    code = (
        "import sys; from runtime import homecoming; project = sys.argv[1];"
        "sys.path += [project]; homecoming.install(project);"
        "import utils, plain; print(utils.PATH, utils.LIKE, plain.PATH)"
    )
    for _ in range(2):  # the second time with what the first one cached
        done = subprocess.run(
            [sys.executable, "-c", code, str(project)],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.split() == [f"{project}/1.csv", "/home/srcs", f"{project}/plain.py"]
