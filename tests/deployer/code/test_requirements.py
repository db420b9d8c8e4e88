"""The smallest set of requirements that runs a block."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from deployer.code.requirements import needs_of, requirements
from deployer.load import survey
from deployer.model import Project
from tests.deployer.making import LOADER, SHOP, TRANSFORMER, written


def project(tmp_path: Path, *files: dict[str, str]) -> Project:
    found, _ = survey(written(tmp_path, SHOP, *files))
    assert found is not None
    return found


def names(tmp_path: Path, code: str, listed: str = "", block: int = 0) -> list[str]:
    found = project(
        tmp_path, {"data_loaders/load.py": code + "\n" + LOADER, "requirements.txt": listed}
    )
    pipeline = found.pipelines[0]
    return list(requirements(found, pipeline, pipeline.blocks[block]))


def bare(lines: list[str]) -> set[str]:
    always = {"functions-framework", "urllib3"}
    return {line.split("==")[0] for line in lines} - always


def test_the_framework_is_first_and_pinned(tmp_path: Path) -> None:
    lines = names(tmp_path, "")
    assert lines[0] == f"functions-framework=={version('functions-framework')}"
    assert bare(lines) == set()


@pytest.mark.parametrize(
    ("code", "distributions"),
    [
        ("import requests", {"requests"}),
        ("import yaml", {"pyyaml"}),
        ("from sklearn.linear_model import LinearRegression", {"scikit-learn"}),
        ("import cv2", {"opencv-python-headless"}),
        ("from dateutil import parser", {"python-dateutil"}),
        (
            "from google.cloud import storage, bigquery",
            {"google-cloud-storage", "google-cloud-bigquery"},
        ),
        ("import google.cloud.pubsub_v1", {"google-cloud-pubsub"}),
        ("from google.oauth2 import service_account", {"google-auth"}),
        ("from bs4 import BeautifulSoup", {"beautifulsoup4"}),
        ("import psycopg2", {"psycopg2-binary"}),
        ("try:\n    import no_such_thing\nexcept ImportError:\n    pass", set()),
        ("import os, sys, json", set()),
        ("from mage_ai.data_preparation.decorators import test", set()),
    ],
)
def test_distributions_of_imports(tmp_path: Path, code: str, distributions: set[str]) -> None:
    assert bare(names(tmp_path, code)) == distributions


def test_versions_are_the_projects_then_the_ones_here(tmp_path: Path) -> None:
    lines = names(
        tmp_path, "import requests, pandas, numpy", "requests==2.20.0\nnumpy\nunused==1\n"
    )
    assert "requests==2.20.0" in lines
    assert f"numpy=={version('numpy')}" in lines
    assert f"pandas=={version('pandas')}" in lines
    assert not any("unused" in line for line in lines)


def test_lines_that_are_no_plain_requirements(tmp_path: Path) -> None:
    listed = """
        # a comment
        -r more.txt
        --extra-index-url https://example.org/simple
        --hash-checking something
        -e git+https://example.org/tool.git#egg=tool
        mylib @ https://example.org/mylib.zip
        requests[socks]>=2 ; python_version > "3" # why
        polars==1.0 \\
            --hash=sha256:abc
        mage-ai[all]
    """
    text = "\n".join(line.strip() for line in listed.strip().splitlines())
    code = "import tool, mylib, requests, polars, extra_thing"
    more = {"more.txt": "extra-thing~=1.0\n-r requirements.txt\n"}
    found = project(tmp_path, {"data_loaders/load.py": code, "requirements.txt": text}, more)
    pipeline = found.pipelines[0]
    lines = requirements(found, pipeline, pipeline.blocks[0])
    assert lines[0] == "--extra-index-url https://example.org/simple"
    assert set(lines) >= {
        "git+https://example.org/tool.git#egg=tool",
        "mylib @ https://example.org/mylib.zip",
        'requests[socks]>=2 ; python_version > "3"',
        "polars==1.0",
        "extra-thing~=1.0",
    }
    assert not any("mage" in line for line in lines)


def test_a_line_that_nobody_can_read_is_a_problem(tmp_path: Path) -> None:
    found = project(tmp_path, {"requirements.txt": "requests\nthis is nothing\n"})
    (problem,) = needs_of(found).listed.problems
    assert problem.line == 2


def test_requirements_of_the_repository_count_after_the_projects(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "requirements.txt").write_text("dbfread==2.0.7\nrequests==1\n")
    lines = names(tmp_path, "import dbfread, requests", "requests==2.31.0\n")
    assert {"dbfread==2.0.7", "requests==2.31.0"} <= set(lines)


def test_values_from_above_bring_their_libraries_along(tmp_path: Path) -> None:
    code = "import pandas as pd\nimport requests"
    assert bare(names(tmp_path, code, block=2)) == {"pandas", "pyarrow"}
    code = "import numpy as np"
    assert bare(names(tmp_path, code, block=1)) == {"numpy"}


def test_drivers_that_another_library_imports(tmp_path: Path) -> None:
    code = "from sqlalchemy import create_engine\ncreate_engine('postgresql://host/db')"
    assert bare(names(tmp_path, code)) == {"sqlalchemy", "psycopg2-binary"}
    code = "import pandas as pd\npd.read_csv('gs://bucket/x.csv').to_excel('/tmp/x.xlsx')"
    assert bare(names(tmp_path, code)) == {"pandas", "pyarrow", "gcsfs", "openpyxl"}
    assert "gcsfs" not in bare(names(tmp_path, "x = 'gs://bucket'\nimport pandas"))


def test_what_mage_ai_needs_for_what_is_used(tmp_path: Path) -> None:
    code = "from mage_ai.io.postgres import Postgres"
    assert {"psycopg[binary]", "pandas"} <= bare(names(tmp_path, code))


def test_sql_blocks_need_their_provider(tmp_path: Path) -> None:
    metadata = """
        blocks:
        - uuid: query
          type: data_loader
          language: sql
          configuration: {data_provider: postgres, data_provider_profile: default}
    """
    files = {"pipelines/daily/metadata.yaml": metadata, "data_loaders/query.sql": "select 1"}
    found = project(tmp_path, files)
    pipeline = found.pipelines[0]
    lines = list(requirements(found, pipeline, pipeline.blocks[0]))
    assert {"psycopg[binary]", "pandas", "pyarrow"} <= bare(lines)


def test_equal_needs_are_equal_lines(tmp_path: Path) -> None:
    files = {
        "data_loaders/load.py": "import requests\nimport yaml\n" + LOADER,
        "transformers/clean.py": "import yaml\nimport requests\n" + TRANSFORMER,
    }
    found = project(tmp_path, files)
    pipeline = found.pipelines[0]
    first, second = (requirements(found, pipeline, block) for block in pipeline.blocks[:2])
    assert first == second


def test_what_nothing_provides(tmp_path: Path) -> None:
    found = project(
        tmp_path, {"data_loaders/load.py": "import requests\nfrom no_such.thing import x\n"}
    )
    (missing,) = needs_of(found).missing(found.pipelines[0].blocks[0])
    assert (missing.base, missing.place.line) == ("no_such.thing", 2)
