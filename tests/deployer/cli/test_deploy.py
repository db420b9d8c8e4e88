"""plan, deploy and destroy on a real emulator."""

from __future__ import annotations

import pytest

from tests.deployer.cli.conftest import LOAD, PIPELINE, Blocklift, Shop, write


def changes(blocklift: Blocklift, shop: Shop) -> dict[str, str]:
    told = blocklift("plan", shop, "--json").json
    return {c["key"]: c["action"] for c in told["changes"] if c["action"] != "keep"}


@pytest.fixture
def daily(blocklift: Blocklift, shop: Shop) -> Shop:
    """Deployed; other tests' `daily` is gone, for names are of the whole cloud."""
    assert blocklift("deploy", shop).code == 0
    return shop


@pytest.fixture(autouse=True)
def swept(blocklift: Blocklift, shop: Shop):
    yield
    blocklift("destroy", shop, "--yes", "--data")


def test_a_second_deploy_changes_nothing_and_says_so(blocklift: Blocklift, daily: Shop) -> None:
    assert changes(blocklift, daily) == {}
    assert "nothing to change" in blocklift("deploy", daily).out
    assert blocklift("plan", daily, "--exit-code").code == 0


def test_a_changed_block_redeploys_that_one_function(blocklift: Blocklift, daily: Shop) -> None:
    daily.block("load", LOAD + "\n# changed\n")
    assert blocklift("plan", daily, "--exit-code").code == 1
    assert changes(blocklift, daily) == {
        "function/daily-load": "update",
        "workflow/daily": "update",
    }
    assert "bundle:" in blocklift("plan", daily).out
    blocklift("deploy", daily)
    assert changes(blocklift, daily) == {}


def test_a_removed_block_loses_its_function(blocklift: Blocklift, daily: Shop) -> None:
    daily.pipeline("\n".join(PIPELINE.splitlines()[:-1]))
    (daily.root / "transformers" / "double.py").unlink()
    assert changes(blocklift, daily)["function/daily-double"] == "delete"
    out = blocklift("deploy", daily).out
    assert out.index("workflow daily updated") < out.index("daily/double deleted")


def test_a_changed_size_shows_from_and_to(blocklift: Blocklift, daily: Shop) -> None:
    write(daily.root / "blocklift.yaml", "defaults:\n  memory: 2Gi\n")
    assert "memory: 1Gi → 2Gi" in blocklift("plan", daily).out


def test_settings_become_secrets_and_their_values_show_nowhere(
    blocklift: Blocklift, shop: Shop
) -> None:
    shop.block("load", 'import os\n@data_loader\ndef load():\n    return os.environ["API_KEY"]\n')
    shop.pipeline("\n".join(PIPELINE.splitlines()[:-1]))
    write(shop.root / ".env", "API_KEY=planted-in-env\n")
    said = [
        blocklift("plan", shop),
        blocklift("plan", shop, "--json"),
        blocklift("deploy", shop),
        blocklift("secrets", "list", shop),
    ]
    assert "API_KEY" in said[0].out
    assert not [done for done in said if "planted-in-env" in done.out + done.err]
    assert changes(blocklift, shop) == {}
    write(shop.root / ".env", "API_KEY=another\n")
    found = blocklift("plan", shop, "--json").json["changes"]
    reasons = {c["key"].split("/")[0]: c["reason"] for c in found if c["action"] != "keep"}
    assert reasons["secret"] == "new value"
    assert reasons["function"].startswith("new version of secret")


def test_destroy_asks_and_then_removes_all_but_data(blocklift: Blocklift, daily: Shop) -> None:
    refused = blocklift("destroy", daily)
    assert refused.code == 2
    assert "--yes" in refused.err
    out = blocklift("destroy", daily, "--yes").out
    assert "what is in it stay" in out
    assert set(changes(blocklift, daily).values()) == {"create"}
    assert "bucket" not in {key.split("/")[0] for key in changes(blocklift, daily)}


def test_an_unknown_target_names_those_there_are(offline: Blocklift, shop: Shop) -> None:
    done = offline("plan", shop, "--target", "prod")
    assert done.code == 2
    assert "local" in done.err


def test_a_pipeline_that_is_not_there_is_wrong_usage(blocklift: Blocklift, shop: Shop) -> None:
    done = blocklift("deploy", shop, "--pipeline", "weekly")
    assert (done.code, "no pipeline named 'weekly'" in done.err) == (2, True)


def test_a_block_that_does_not_start_is_shown_with_its_own_error(
    blocklift: Blocklift, shop: Shop
) -> None:
    shop.block("load", "def broken(:\n")
    done = blocklift("deploy", shop)
    assert done.code in {1, 3}
    assert "load" in done.err
