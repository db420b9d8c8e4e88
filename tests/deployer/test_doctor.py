"""What the doctor finds, and that each finding says how to mend it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from deployer.doctor import cloud, examine, free, rights
from deployer.errors import CloudError
from deployer.model import Project
from deployer.target import Target


def test_a_folder_that_is_no_project_is_found_and_the_rest_still_looked_at(
    tmp_path: Path,
) -> None:
    found = list(examine(tmp_path, "local"))
    (bad,) = [finding for finding in found if not finding.fine]
    assert bad.what.startswith("project:")
    assert bad.mend.startswith("blocklift check")
    assert any("Python" in finding.what for finding in found)


def test_a_taken_port_is_seen() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        assert not free(holder.getsockname()[1])


def test_an_unreachable_target_is_one_finding(tmp_path: Path) -> None:
    settings = {"targets": {"prod": {"project_id": "acme", "credentials": "no-such.json"}}}
    project = Project("shop", tmp_path, (), settings=settings)
    (finding,) = cloud(project, "prod")
    assert not finding.fine
    assert "gcloud auth" in finding.mend


class Nobody:
    """Google says nothing of who calls."""

    http = None

    def get(self, url: str, doing: str) -> dict[str, str]:
        raise CloudError(f"{doing}: {url} did not answer")


class Ada(Nobody):
    def get(self, url: str, _: str) -> dict[str, str]:
        assert url == "https://openidconnect.googleapis.com/v1/userinfo"
        return {"email": "ada@example.com"}


class Projects:
    """Somebody with one right."""

    def __init__(self, session: Nobody) -> None:
        self.session = session

    def held(self, _: object) -> set[str]:
        return {"workflows.workflows.create"}


@pytest.mark.parametrize(
    ("session", "who"), [(Ada(), "user:ada@example.com"), (Nobody(), "user:YOU")]
)
def test_a_missing_permission_comes_with_the_command_that_grants_it(
    session: Nobody, who: str
) -> None:
    found = {f.what: f.mend for f in rights(Target("prod", "acme", "r", "b"), Projects(session))}
    assert found["permission workflows.workflows.create"] == ""
    mend = found["permission cloudfunctions.functions.create"]
    assert mend.startswith("gcloud projects add-iam-policy-binding acme")
    assert mend.endswith(f"--member={who} --role=roles/cloudfunctions.developer")
