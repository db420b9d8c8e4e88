from __future__ import annotations

import ast
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from deployer.check import check
from deployer.load import load
from runtime.languages.r import FUNCTIONS
from runtime.languages.yaml_api import Source
from runtime.sql.providers import PROVIDERS
from studio.server.edit import Editor
from studio.server.files import Files
from studio.server.messages import NewBlock
from studio.server.templates import templates


def test_every_python_template_is_valid_and_decorated_for_its_kind() -> None:
    for template in templates():
        if template.language != "python":
            continue
        tree = ast.parse(template.code)
        decorators = {
            ast.unparse(decorator)
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
            for decorator in node.decorator_list
        }
        assert template.kind in decorators, template.id


def test_ids_are_unique() -> None:
    ids = [template.id for template in templates()]
    assert len(ids) == len(set(ids))


def test_sql_blocks_are_offered_for_providers_that_run() -> None:
    for template in templates():
        if template.language == "sql":
            assert template.configuration["data_provider"] in PROVIDERS, template.id


def test_r_blocks_define_the_function_of_their_kind() -> None:
    found = [template for template in templates() if template.language == "r"]
    assert {template.kind for template in found} == set(FUNCTIONS)
    for template in found:
        assert template.code.startswith(f"{FUNCTIONS[template.kind]} <- function(")


@pytest.mark.skipif(not shutil.which("Rscript"), reason="no R on this machine")
def test_r_blocks_are_valid() -> None:
    for template in templates():
        if template.language == "r":
            subprocess.run(["Rscript", "-e", template.code], check=True, capture_output=True)


def test_the_yaml_source_can_be_read() -> None:
    [template] = [item for item in templates() if item.group == "YAML"]
    assert Source.of(yaml.safe_load(template.code), "api.yaml").has_header


def test_a_dbt_command_is_a_block_that_can_be_deployed(project: Path) -> None:
    (project / "dbt/shop").mkdir(parents=True)
    (project / "dbt/shop/dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    output = {"type": "postgres", "host": "db", "user": "u", "dbname": "shop", "schema": "public"}
    profiles = {"shop": {"target": "dev", "outputs": {"dev": output}}}
    (project / "dbt/shop/profiles.yml").write_text(yaml.safe_dump(profiles))
    editor = Editor(Files(project))
    for template in (item for item in templates() if item.group == "dbt"):
        new = NewBlock(template.title, template.kind, template.language, template.id, [])
        editor.add_block("trips", new, template.code, template.configuration)
    found = load(project)
    assert [str(b.kind) for b in found.pipelines[0].blocks].count("dbt") == 4
    assert check(found) == ()
