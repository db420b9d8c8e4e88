"""Every name of Mage's that real projects import is there, or `check` says what to do without."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from deployer.check import check
from deployer.code.mage_names import ELSE, instead, provided
from deployer.load import survey
from tests.deployer.making import LOADER, SHOP, written

VARIABLE = "BLOCKLIFT_CORPUS"
DECORATORS = [
    "callback",
    "condition",
    "custom",
    "data_exporter",
    "data_loader",
    "extension",
    "sensor",
    "transformer",
    "test",
    "on_success",
    "on_failure",
    "data_source",
    "xy",
    "x",
    "y",
    "configuration",
    "render",
    "columns",
    "data_integration_destination",
    "data_integration_source",
    "data_integration_catalog",
    "data_integration_config",
    "preprocesser",
    "data_integration_selected_streams",
    "data_integration_query",
    "preprocesser_functions",
    "streaming_source",
    "streaming_sink",
    "collect_decorated_objs",
]
SEEN = [
    "settings.repo:get_repo_path",
    "settings.repo:get_variables_dir",
    "io.config:ConfigFileLoader",
    "io.config:ConfigKey",
    "io.postgres:Postgres",
    "io.google_cloud_storage:GoogleCloudStorage",
    "io.bigquery:BigQuery",
    "io.file:FileIO",
    "io.s3:S3",
    "io.mongodb:MongoDB",
    "io.mysql:MySQL",
    "io.google_sheets:GoogleSheets",
    "io.snowflake:Snowflake",
    "io.duckdb:DuckDB",
    "io.oracledb:OracleDB",
    "io.mssql:MSSQL",
    "io.redshift:Redshift",
    "io.azure_blob_storage:AzureBlobStorage",
    "orchestration.triggers.api:trigger_pipeline",
    "orchestration.run_status_checker:check_status",
    "orchestration.db.models.schedules:PipelineRun",
    "data_preparation.repo_manager:get_repo_path",
    "data_preparation.shared.secrets:get_secret_value",
    "data_preparation.variable_manager:set_global_variable",
    "data_preparation.variable_manager:get_variable",
    "data_preparation.models.constants:BlockType",
    "data_cleaner.transformer_actions.base:BaseAction",
    "data_cleaner.transformer_actions.constants:ActionType",
    "data_cleaner.transformer_actions.constants:Axis",
    "data_cleaner.transformer_actions.utils:build_transformer_action",
    "data_cleaner.column_types.column_type_detector:infer_column_types",
    "shared.parsers:convert_matrix_to_dataframe",
    "shared.hash:merge_dict",
    "shared.retry:retry",
]
"""Counted in 103 published projects, and in Mage's own templates."""
REFUSED = {
    "from mage_ai import run": "trigger_pipeline",
    "from mage_ai.data_preparation.models.block import Block": "get_variable",
    "from mage_ai.data_preparation.models.pipeline import Pipeline": "get_variable",
    "from mage_ai.data_preparation.models.block.remote.models import RemoteBlock": "get_variable",
    "from mage_ai.data_preparation.models.global_data_product import GlobalDataProduct": "get_var",
    "from mage_ai.data_preparation.io import AzureBlobStorage": "mage-compatibility",
    "from mage_ai.data_preparation.streaming.base import BaseStreamingPipeline": "streaming",
    "from mage_ai.streaming.sources.base_python import BasePythonSource": "streaming",
    "from mage_ai.orchestration.db import db_connection": "executions of Workflows",
    "from mage_ai.services.slack.slack import send_slack_message": "client library",
    "from mage_ai.services.spark.spark import get_spark_session": "without a cluster",
    "import mage_ai.services.k8s": "client library",
    "from mage_ai.shared.utils import no_such_helper": "mage-compatibility",
}


def test_every_decorator_can_be_imported() -> None:
    base = "mage_ai.data_preparation.decorators"
    assert [name for name in DECORATORS if not provided(base, f"{base}.{name}")] == []


@pytest.mark.parametrize("name", SEEN)
def test_what_is_said_to_be_there_is_there(name: str) -> None:
    base, _, attribute = name.partition(":")
    assert provided(f"mage_ai.{base}", f"mage_ai.{base}.{attribute}")
    assert hasattr(import_module(f"runtime.mage_ai.{base}"), attribute)


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_not_there_is_refused_with_a_hint(tmp_path: Path, line: str) -> None:
    root = written(tmp_path, SHOP, {"data_loaders/load.py": f"{line}\n{LOADER}"})
    project, _ = survey(root)
    assert project is not None
    (problem,) = check(project)
    assert (problem.path.name, problem.line) == ("load.py", 1)
    assert "a part of Mage that does not exist here" in problem.message
    assert REFUSED[line] in problem.hint


@pytest.mark.slow
def test_every_import_of_real_projects_is_there_or_has_a_hint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = Path(os.environ.get(VARIABLE, "nowhere"))
    if not folder.is_dir():
        pytest.skip(f"{VARIABLE} does not name a folder of checked-out projects")
    found = {pair for path in folder.rglob("*.py") for pair in imported(folder, path)}
    lacking = sorted(module for base, module in found if not provided(base, module))
    with capsys.disabled():
        print(f"\n{len(found)} names of Mage's, {len(lacking)} not here: {', '.join(lacking)}")
    assert found
    assert [module for module in lacking if instead(module) == ELSE] == []


def imported(folder: Path, path: Path) -> Iterator[tuple[str, str]]:
    """(module, module.name) of Mage's; Mage's own sources and installed libraries do not count."""
    others = {"mage_ai", "mage_integrations", "site-packages"}
    if others & set(path.relative_to(folder).parts) or not path.is_file():
        return
    try:
        tree = ast.parse(path.read_text(errors="replace"))
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mage_ai"):
            yield from ((str(node.module), f"{node.module}.{alias.name}") for alias in node.names)
