"""What the doctor finds, and that each finding says how to mend it."""

from __future__ import annotations

import socket
from pathlib import Path

from deployer.doctor import cloud, examine, free, rights
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


class Projects:
    """Somebody with one right."""

    def held(self, _: object) -> set[str]:
        return {"workflows.workflows.create"}


def test_a_missing_permission_comes_with_the_command_that_grants_it() -> None:
    found = {f.what: f.mend for f in rights(Target("prod", "acme", "r", "b"), Projects())}
    assert found["permission workflows.workflows.create"] == ""
    mend = found["permission cloudfunctions.functions.create"]
    assert mend.startswith("gcloud projects add-iam-policy-binding acme")
    assert "roles/cloudfunctions.developer" in mend
