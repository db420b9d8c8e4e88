"""Which role is missing, by what a refused call said."""

from __future__ import annotations

import pytest

from deployer.rights.lacking import lacking


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "403 Access Denied: User does not have bigquery.jobs.create permission in project p.",
            "bigquery.jobs.create, which roles/bigquery.jobUser has",
        ),
        (
            "Permission 'run.jobs.runWithOverrides' denied on resource 'x'",
            "run.jobs.runWithOverrides, which roles/run.jobsExecutorWithOverrides has",
        ),
        (
            "x@p does not have storage.objects.get access to the object. Permission denied",
            "storage.objects.get, which roles/storage.objectUser has",
        ),
        ("KeyError: 'bigquery.jobs.create'", ""),
        ("403 Forbidden", ""),
    ],
)
def test_names_permission_and_role(said: str, told: str) -> None:
    assert lacking(said) == told
