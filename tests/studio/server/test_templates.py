from __future__ import annotations

import ast

from runtime.sql.providers import PROVIDERS
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
