"""The shipped descriptions, and the methods that requests call."""

from __future__ import annotations

import pytest

from emulator.discovery.catalog import FOLDER, load, names


def test_they_are_all_there_and_small() -> None:
    assert len(names()) == 18
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 600_000
    assert all(load(name).revision.isdigit() for name in names())


@pytest.mark.parametrize(
    ("document", "http", "path", "method"),
    [
        (
            "cloudfunctions.v2",
            "POST",
            "/v2/projects/p/locations/l/functions",
            "cloudfunctions.projects.locations.functions.create",
        ),
        (
            "cloudfunctions.v2",
            "POST",
            "/v2/projects/p/locations/l/functions:generateUploadUrl",
            "cloudfunctions.projects.locations.functions.generateUploadUrl",
        ),
        (
            "secretmanager.v1",
            "GET",
            "/v1/projects/p/secrets/s/versions/latest:access",
            "secretmanager.projects.secrets.versions.access",
        ),
        ("storage.v1", "GET", "/storage/v1/b/b/o/a%2Fb", "storage.objects.get"),
        ("storage.v1", "POST", "/upload/storage/v1/b/b/o", "storage.objects.insert"),
        ("storage.v1", "POST", "/storage/v1/b/b/o/a/rewriteTo/b/c/o/d", "storage.objects.rewrite"),
        ("bigquery.v2", "POST", "/bigquery/v2/projects/p/queries", "bigquery.jobs.query"),
        ("logging.v2", "POST", "/v2/entries:list", "logging.entries.list"),
    ],
)
def test_requests_find_their_method(document: str, http: str, path: str, method: str) -> None:
    found = load(document).method(http, path)
    assert found is not None
    assert found.id == method
    assert load(document).methods[method].http == http


def test_what_no_method_answers() -> None:
    assert load("cloudfunctions.v2").method("GET", "/v1/projects/p/locations/l/functions") is None
    assert load("cloudfunctions.v2").method("PUT", "/v2/projects/p/locations/l/functions/f") is None


@pytest.mark.parametrize(
    ("module", "document"),
    [
        ("google.cloud.functions_v2.services.function_service", "cloudfunctions.v2"),
        ("google.cloud.workflows_v1.services.workflows", "workflows.v1"),
        ("google.cloud.secretmanager_v1.services.secret_manager_service", "secretmanager.v1"),
        ("google.cloud.run_v2.services.services", "run.v2"),
        ("google.cloud.run_v2.services.jobs", "run.v2"),
        ("google.cloud.scheduler_v1.services.cloud_scheduler", "cloudscheduler.v1"),
    ],
)
def test_every_call_of_googles_clients_is_described(module: str, document: str) -> None:
    """Each HTTP rule of a client's REST transport leads to a method of the document."""
    import importlib
    import inspect
    import re

    base = importlib.import_module(f"{module}.transports.rest_base")
    rules = re.findall(r'"method": "(\w+)",\s*"uri": "([^"]+)"', inspect.getsource(base))
    assert len(rules) > 5
    api = load(document)
    assert [r for r in rules if api.method(r[0].upper(), _example(r[1])) is None] == []


def _example(uri: str) -> str:
    """`/v2/{name=projects/*/locations/*}:run` with every star filled in."""
    import re

    return re.sub(r"\{[^=}]+=([^}]+)\}", lambda m: m[1], uri).replace("**", "a").replace("*", "x")
