"""The least set of names that a block may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deployer.load import survey
from deployer.model import Project
from deployer.settings.names import dotenv, literals, needed, written_in_code
from tests.deployer.making import LOADER, SHOP, written

IO_CONFIG = """
    default:
      POSTGRES_PASSWORD: "{{ env_var('PG_PASSWORD') }}"
    dev:
      POSTGRES_PASSWORD: "{{ env_var('DEV_PASSWORD') }}"
      SNOWFLAKE_PASSWORD: hunter2
"""


def project(tmp_path: Path, code: str, *files: dict[str, str]) -> Project:
    found, _ = survey(
        written(
            tmp_path,
            SHOP,
            {"io_config.yaml": IO_CONFIG, "data_loaders/load.py": code + "\n" + LOADER},
            *files,
        )
    )
    assert found is not None
    return found


def of(tmp_path: Path, code: str, *files: dict[str, str]) -> tuple[str, ...]:
    found = project(tmp_path, code, *files)
    return needed(found, found.pipelines[0], found.pipelines[0].blocks[0])


def test_names_in_the_code_and_in_what_it_imports(tmp_path: Path) -> None:
    helper = {"utils/__init__.py": "", "utils/api.py": "import os\nKEY = os.environ['API_KEY']\n"}
    code = "import os\nfrom shop.utils.api import KEY\nos.getenv('REGION_NAME')"
    assert of(tmp_path, code, helper) == ("API_KEY", "REGION_NAME")


def test_what_the_platform_gives_is_not_asked_for(tmp_path: Path) -> None:
    code = "import os\nos.environ['HOME'], os.getenv('GOOGLE_APPLICATION_CREDENTIALS')"
    assert of(tmp_path, code) == ()


@pytest.mark.parametrize(
    ("call", "names"),
    [
        ("ConfigFileLoader(p, 'default')", ("PG_PASSWORD",)),
        ("ConfigFileLoader(p, 'dev')", ("DEV_PASSWORD", "IO_DEV_SNOWFLAKE_PASSWORD")),
        (
            "ConfigFileLoader(p, kwargs['profile'])",
            ("DEV_PASSWORD", "IO_DEV_SNOWFLAKE_PASSWORD", "PG_PASSWORD"),
        ),
        ("1", ()),
    ],
)
def test_profiles(tmp_path: Path, call: str, names: tuple[str, ...]) -> None:
    code = "" if call == "1" else "from mage_ai.io.config import ConfigFileLoader\n"
    assert of(tmp_path, f"{code}def f(kwargs, p='io.yaml'): {call}") == names


def test_sql_blocks(tmp_path: Path) -> None:
    metadata = """
        blocks:
        - uuid: query
          type: data_loader
          language: sql
          configuration: {data_provider: postgres, data_provider_profile: dev}
    """
    sql = "-- {{ env_var('OLD') }}\nselect '{{ env_var('REGION_NAME') }}'"
    files = {"pipelines/daily/metadata.yaml": metadata, "data_loaders/query.sql": sql}
    names = of(tmp_path, "", files)
    assert names == ("DEV_PASSWORD", "IO_DEV_SNOWFLAKE_PASSWORD", "REGION_NAME")


def test_dotenv_touches_nothing(tmp_path: Path) -> None:
    text = "A_TEST_NAME=1\nQUOTED='two words'\nREFERENCE=${HOME}\n# no\nEMPTY=\nBARE\n"
    found = dotenv(project(tmp_path, "", {".env": text}))
    assert found == {
        "A_TEST_NAME": "1",
        "QUOTED": "two words",
        "REFERENCE": "${HOME}",
        "EMPTY": "",
    }
    assert "A_TEST_NAME" not in os.environ


def test_literals_of_the_project(tmp_path: Path) -> None:
    (literal,) = literals(project(tmp_path, ""))
    assert (literal.name, literal.value, literal.place.line) == (
        "IO_DEV_SNOWFLAKE_PASSWORD",
        "hunter2",
        5,
    )


def test_credentials_in_code_are_told_without_their_value(tmp_path: Path) -> None:
    key = "AKIA" + "A1B2C3D4E5F6G7H8"
    (problem,) = written_in_code(project(tmp_path, f"x = 1\nKEY = '{key}'"))
    assert problem.line == 2
    assert key not in str(problem)
