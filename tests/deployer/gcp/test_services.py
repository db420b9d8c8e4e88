"""One image for all blocks of a project, from its files to its runs, on a real emulator."""

from __future__ import annotations

import json

import pytest
import requests

from tests.deployer.cli.conftest import (  # noqa: F401 (fixtures)
    LOAD,
    PIPELINE,
    Blocklift,
    Shop,
    blocklift,
    offline,
    shop,
    write,
)

SHARED = "packaging: shared-image\n"
SECRETIVE = """
import os

@data_loader
def load(*args, **kwargs):
    return {"numbers": [int(os.environ["LUCKY_NUMBER"])]}
"""


@pytest.fixture(autouse=True)
def swept(blocklift: Blocklift, shop: Shop):  # noqa: F811
    yield
    assert blocklift("destroy", shop, "--yes", "--data").code == 0


def changes(blocklift: Blocklift, shop: Shop) -> dict[str, str]:  # noqa: F811
    told = blocklift("plan", shop, "--json").json
    return {c["key"]: c["action"] for c in told["changes"] if c["action"] != "keep"}


def services(emulator: str) -> dict[str, str]:
    """Service → image."""
    place = "projects/blocklift-local/locations/europe-west1"
    found = requests.get(f"{emulator}/v2/{place}/services", timeout=10).json()["services"]
    return {
        one["name"].rpartition("/")[2]: one["template"]["containers"][0]["image"]
        for one in found
        if one["name"].rpartition("/")[2].startswith("daily-")
    }


def functions(emulator: str) -> list[str]:
    place = "projects/blocklift-local/locations/europe-west1"
    found = requests.get(f"{emulator}/v2/{place}/functions", timeout=10).json()
    names = [one["name"].rpartition("/")[2] for one in found.get("functions", ())]
    return [name for name in names if name.startswith("daily-")]


def ran(blocklift: Blocklift, shop: Shop) -> bool:  # noqa: F811
    done = blocklift("run", shop, "daily", "--json")
    return done.code == 0 and json.loads(done.out)["state"] == "SUCCEEDED"


def test_all_blocks_are_served_by_one_image(
    blocklift: Blocklift,  # noqa: F811
    shop: Shop,  # noqa: F811
    emulator: str,
) -> None:
    write(shop.root / "blocklift.yaml", SHARED)
    shop.triggers()
    assert blocklift("deploy", shop).code == 0
    images = services(emulator)
    assert set(images) == {"daily-load", "daily-double"}
    assert len(set(images.values())) == 1
    assert functions(emulator) == []
    assert ran(blocklift, shop)
    assert changes(blocklift, shop) == {}


def test_an_unchanged_block_keeps_its_image(
    blocklift: Blocklift,  # noqa: F811
    shop: Shop,  # noqa: F811
    emulator: str,
) -> None:
    write(shop.root / "blocklift.yaml", SHARED)
    assert blocklift("deploy", shop).code == 0
    before = services(emulator)
    shop.block("load", LOAD + "\n# changed\n")
    assert changes(blocklift, shop) == {"function/daily-load": "update", "workflow/daily": "update"}
    assert blocklift("deploy", shop).code == 0
    after = services(emulator)
    assert after["daily-double"] == before["daily-double"]
    assert after["daily-load"] != before["daily-load"]
    assert ran(blocklift, shop)
    write(shop.root / "blocklift.yaml", SHARED + "defaults:\n  memory: 2Gi\n")
    assert blocklift("deploy", shop).code == 0
    assert services(emulator) == after, "another size needs no build"


def test_a_job_runs_on_the_image_whichever_way_it_was_made(
    blocklift: Blocklift,  # noqa: F811
    shop: Shop,  # noqa: F811
    emulator: str,
) -> None:
    write(shop.root / "blocklift.yaml", SHARED)
    long = "upstream_blocks: [load], executor_type: gcp_cloud_run"
    shop.pipeline(PIPELINE.replace("upstream_blocks: [load]", long))
    assert blocklift("deploy", shop).code == 0
    assert set(job(emulator)) == {services(emulator)["daily-load"], "bundles/daily-double"}
    assert ran(blocklift, shop)
    write(shop.root / "blocklift.yaml", "")
    assert changes(blocklift, shop)["job/daily-double"] == "update"
    assert blocklift("deploy", shop).code == 0
    assert job(emulator) == [services(emulator)["daily-double"]]
    assert ran(blocklift, shop)


def job(emulator: str) -> list[str]:
    """Image of the job, and which of the image's bundles it runs."""
    place = "projects/blocklift-local/locations/europe-west1/jobs/daily-double"
    found = requests.get(f"{emulator}/v2/{place}", timeout=10).json()
    [container] = found["template"]["template"]["containers"]
    which = [e["value"] for e in container["env"] if e["name"] == "BLOCKLIFT_BUNDLE"]
    return [container["image"], *which]


def test_another_packaging_replaces_orderly_and_back(
    blocklift: Blocklift,  # noqa: F811
    shop: Shop,  # noqa: F811
    emulator: str,
) -> None:
    assert blocklift("deploy", shop).code == 0
    assert ran(blocklift, shop)
    told = blocklift("plan", shop, "--packaging", "shared-image").out
    assert "± function daily/load  (packaging: shared-image)" in told
    assert blocklift("deploy", shop, "--packaging", "shared-image").code == 0
    assert set(services(emulator)) == {"daily-load", "daily-double"}
    assert functions(emulator) == []
    write(shop.root / "blocklift.yaml", SHARED)
    assert changes(blocklift, shop) == {}
    assert ran(blocklift, shop)
    assert blocklift("rollback", shop, "--to", "1", "--yes").code == 0
    assert set(functions(emulator)) == {"daily-load", "daily-double"}


def test_settings_are_mounted_and_a_new_value_needs_no_build(
    blocklift: Blocklift,  # noqa: F811
    shop: Shop,  # noqa: F811
    emulator: str,
) -> None:
    write(shop.root / "blocklift.yaml", SHARED)
    write(shop.root / ".env", "LUCKY_NUMBER=7\n")
    shop.block("load", SECRETIVE)
    assert blocklift("deploy", shop).code == 0
    assert ran(blocklift, shop)
    before = services(emulator)
    write(shop.root / ".env", "LUCKY_NUMBER=9\n")
    assert blocklift("deploy", shop).code == 0
    assert services(emulator) == before
    assert ran(blocklift, shop)


def test_a_failed_build_is_told_once_for_each_block_with_its_reason(
    blocklift: Blocklift,  # noqa: F811
    shop: Shop,  # noqa: F811
    emulator: str,
) -> None:
    write(shop.root / "blocklift.yaml", SHARED)
    write(shop.root / "requirements.txt", "pandas==0.0.1\n")
    shop.block("load", "import pandas\n" + LOAD)
    done = blocklift("deploy", shop)
    assert done.code != 0
    assert "Build failed" in done.err
    write(shop.root / "requirements.txt", "")
    assert blocklift("deploy", shop).code == 0
    assert ran(blocklift, shop)


def test_an_unknown_packaging_is_refused_with_those_that_there_are(
    blocklift: Blocklift,  # noqa: F811
    shop: Shop,  # noqa: F811
) -> None:
    done = blocklift("deploy", shop, "--packaging", "zipp")
    assert done.code == 2
    assert "functions, shared-image" in done.err
    shop.pipeline(PIPELINE)
