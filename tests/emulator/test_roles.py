from __future__ import annotations

import pytest

from emulator.roles import permits, predefined


@pytest.mark.parametrize(
    ("role", "permission", "held"),
    [
        ("roles/run.invoker", "run.routes.invoke", True),
        ("roles/run.developer", "run.services.setIamPolicy", False),
        ("roles/run.developer", "run.services.update", True),
        ("roles/run.developer", "run.routes.invoke", False),
        ("roles/storage.objectUser", "storage.objects.setIamPolicy", False),
        ("roles/storage.objectCreator", "storage.objects.get", False),
        ("roles/viewer", "secretmanager.versions.access", False),
        ("roles/viewer", "storage.objects.get", False),
        ("roles/editor", "secretmanager.secrets.setIamPolicy", False),
        ("roles/editor", "storage.objects.create", True),
        ("roles/owner", "anything.at.all", True),
        ("roles/workflows.invoker", "workflows.executions.create", True),
        ("roles/iam.serviceAccountUser", "iam.serviceAccounts.actAs", True),
    ],
)
def test_what_roles_hold(role: str, permission: str, held: bool) -> None:
    assert permits(predefined()[role], permission) is held
