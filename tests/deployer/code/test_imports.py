"""What a block reaches: only that, and all of it."""

from __future__ import annotations

from pathlib import Path

from deployer.code.imports import Reach, reach
from deployer.load import survey
from tests.deployer.making import SHOP, written

FILES = {
    "__init__.py": "",
    "utils/__init__.py": "",
    "utils/helpers.py": "import requests\nfrom .deep import more\nfrom shop import constants\n",
    "utils/deep/more.py": "",
    "utils/other.py": "import never\n",
    "constants.py": "",
    "data/x.csv": "a\n",
    "data/y.csv": "a\n",
    "sql/a.sql": "select 1",
    ".env": "A=1",
}


def reached(tmp_path: Path, code: str, *more: dict[str, str]) -> tuple[Reach, set[str]]:
    root = written(tmp_path, SHOP, FILES, {"data_loaders/load.py": code}, *more)
    project, _ = survey(root)
    assert project is not None
    found = reach(project, project.pipelines[0].blocks[0])
    return found, {path.relative_to(root.parent).as_posix() for path in found.files}


def test_by_the_projects_name_with_everything_on_the_way(tmp_path: Path) -> None:
    found, files = reached(tmp_path, "from shop.utils.helpers import f\n")
    assert files == {
        "shop/__init__.py",
        "shop/constants.py",
        "shop/utils/__init__.py",
        "shop/utils/deep/more.py",
        "shop/utils/helpers.py",
    }
    assert [library.base for library in found.libraries] == ["requests"]
    assert found.libraries[0].place.line == 1


def test_bare_from_inside_the_project(tmp_path: Path) -> None:
    _, files = reached(tmp_path, "from utils import helpers\n")
    assert "shop/utils/helpers.py" in files


def test_only_what_is_reached(tmp_path: Path) -> None:
    found, files = reached(tmp_path, "import pandas as pd\n")
    assert files == set()
    assert [library.module for library in found.libraries] == ["pandas"]


def test_the_standard_library_is_nobodys(tmp_path: Path) -> None:
    found, _ = reached(tmp_path, "import os, json\nfrom datetime import date\n")
    assert found.libraries == ()


def test_under_the_name_it_had_where_mage_ran(tmp_path: Path) -> None:
    found, files = reached(tmp_path, "from default_repo.utils.other import x\n")
    assert "shop/utils/other.py" in files
    assert found.aliases == (("default_repo", tmp_path / "shop"),)


def test_beside_the_project_only_within_a_repository(tmp_path: Path) -> None:
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside/__init__.py").write_text("")
    found, files = reached(tmp_path, "import beside\n")
    assert files == set()
    (tmp_path / ".git").mkdir()
    found, files = reached(tmp_path, "import beside\n")
    assert files == {"beside/__init__.py"}
    assert found.libraries == ()


def test_data_that_the_code_names(tmp_path: Path) -> None:
    code = """
        pd.read_csv('data/x.csv')
        open(path.join(get_repo_path(), 'sql', 'a.sql'))
        open('/home/src/shop/data/y.csv')
    """
    _, files = reached(tmp_path, code)
    assert files == {"shop/data/x.csv", "shop/data/y.csv", "shop/sql/a.sql"}


def test_folders_of_data(tmp_path: Path) -> None:
    _, files = reached(tmp_path, "folder = os.path.join(get_repo_path(), 'data')\n")
    assert files == {"shop/data/x.csv", "shop/data/y.csv"}


def test_no_path_reaches_a_secret(tmp_path: Path) -> None:
    _, files = reached(tmp_path, "open('.env'); open('../../etc/passwd'); open('/etc/passwd')\n")
    assert files == set()


def test_circular_imports_end(tmp_path: Path) -> None:
    circle = {"utils/a.py": "from shop.utils import b\n", "utils/b.py": "import shop.utils.a\n"}
    _, files = reached(tmp_path, "import shop.utils.a\n", circle)
    assert {"shop/utils/a.py", "shop/utils/b.py"} <= files


def test_io_config_is_noticed(tmp_path: Path) -> None:
    assert reached(tmp_path, "open('io_config.yaml')")[0].uses_io_config
    code = "from mage_ai.io.config import ConfigFileLoader"
    assert reached(tmp_path, code)[0].uses_io_config
    assert not reached(tmp_path, "x = 1")[0].uses_io_config


def test_a_library_is_not_mistaken_for_the_project(tmp_path: Path) -> None:
    """`sklearn.utils` is not `utils`, and no package of the bundle may hide sklearn."""
    listed = {"requirements.txt": "tensorflow\n"}
    code = "from sklearn.utils import helpers\nimport tensorflow.utils.helpers\n"
    found, files = reached(tmp_path, code, listed)
    assert found.aliases == ()
    assert files == set()
