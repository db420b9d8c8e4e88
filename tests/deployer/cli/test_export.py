"""export terraform: nothing is deployed, everything is written."""

from __future__ import annotations

from pathlib import Path

from tests.deployer.cli.conftest import Blocklift, Shop


def test_a_project_becomes_a_folder(blocklift: Blocklift, shop: Shop, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = blocklift("export", "terraform", shop, "-o", out)
    assert done.code == 0
    assert "google_workflows_workflow" in (out / "daily.tf").read_text()
    assert (out / "workflows" / "daily.yaml").read_text().startswith("#")
    assert blocklift("plan", shop, "--json").json["would_change"]
    assert blocklift("export", "terraform", shop, "-o", out).code == 0
    refused = blocklift("export", "terraform", shop, "-o", out, "--packaging", "shared-image")
    assert refused.code == 2
    assert "--packaging functions" in refused.err
