from __future__ import annotations

import ast

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
