"""Bundles started once before they are uploaded."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from deployer.bundle import Bundle, bundle
from deployer.load import load
from deployer.trial import Trial, tried
from tests.deployer.making import SHOP, TRANSFORMER, written

PREAMBLE = """
if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
"""


def bundles(root: Path) -> list[Bundle]:
    project = load(root)
    (pipeline,) = project.pipelines
    return [bundle(project, pipeline, block) for block in pipeline.blocks]


def trial(folder: Path, clean: str, **files: str) -> Trial:
    """Of the project whose block `clean` has this code."""
    more = {f"{name.replace('__', '/')}.py": text for name, text in files.items()}
    root = written(folder, SHOP, more, {"transformers/clean.py": clean + TRANSFORMER})
    return tried(root, bundles(root))


def test_a_sound_project_starts(tmp_path: Path) -> None:
    sound = PREAMBLE + "import json\nimport pandas as pd\nfrom shop.utils.tools import helper\n"
    found = trial(tmp_path, sound, utils____init__="", utils__tools="helper = 1\n")
    assert found == Trial()


def test_an_import_error_in_a_helper_is_shown_where_it_stands(tmp_path: Path) -> None:
    helper = "x = 1\nfrom shop.utils.other import absent\n"
    found = trial(
        tmp_path,
        "from shop.utils.tools import helper\n",
        utils____init__="",
        utils__tools=helper,
        utils__other="present = 1\n",
    )
    (problem,) = found.problems
    assert problem.path == tmp_path / "shop/utils/tools.py"
    assert problem.line == 2
    assert problem.message.startswith("ImportError: cannot import name 'absent'")
    assert "--no-start-check" in problem.hint


def test_a_part_of_mage_that_is_not_there(tmp_path: Path) -> None:
    (problem,) = trial(tmp_path, "import json\nfrom mage_ai.nowhere import thing\n").problems
    assert problem.path == tmp_path / "shop/transformers/clean.py"
    assert problem.line == 2
    assert "not available in a function" in problem.message


def test_code_outside_imports_is_not_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    clean = f"import json\nopen({str(mark)!r}, 'w').close()\nraise SystemExit\n"
    assert trial(tmp_path, clean) == Trial()
    assert not mark.exists()


def test_what_cannot_be_judged_here_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_KEY", "planted")
    helper = "import os\nkey = os.environ['API_KEY']\n"
    found = trial(
        tmp_path, "from shop.utils import tools\n", utils____init__="", utils__tools=helper
    )
    assert found.problems == ()
    (unclear,) = found.unclear
    assert unclear == "daily-clean: KeyError: 'API_KEY' (shop/utils/tools.py:2)"


def test_a_library_that_is_not_here_is_not_a_mistake(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        SHOP,
        {
            "requirements.txt": "surely-not-installed\n",
            "transformers/clean.py": "import surely_not_installed\n" + TRANSFORMER,
        },
    )
    found = tried(root, bundles(root))
    assert found.problems == ()
    assert found.unclear == (
        "daily-clean: surely_not_installed is not installed here, so its import was not tried",
    )


def test_one_that_dies_takes_nobody_with_it(tmp_path: Path) -> None:
    found = trial(
        tmp_path,
        "from shop.utils import tools\n",
        utils____init__="",
        utils__tools="import os\nos._exit(3)\n",
        data_loaders__load="from mage_ai.nowhere import thing\n@data_loader\ndef f(): ...\n",
    )
    assert found.unclear == ("daily-clean: its process ended while it was imported",)
    assert [p.path.name for p in found.problems] == ["load.py"]


def test_fifty_bundles_take_seconds(tmp_path: Path) -> None:
    root = written(tmp_path, SHOP, {"transformers/clean.py": "import pandas\n" + TRANSFORMER})
    made = bundles(root)[1]
    many = [replace(made, name=f"daily-{n}") for n in range(50)]
    began = time.monotonic()
    assert tried(root, many) == Trial()
    assert time.monotonic() - began < 25  # alone on two cores: about three
