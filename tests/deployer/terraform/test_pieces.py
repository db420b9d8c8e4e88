"""Each resource's blocks: named as the google provider names them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployer.resources import Resource, key
from deployer.terraform.events import publishing
from deployer.terraform.hcl import Block, document
from deployer.terraform.pieces import Pieces
from tests.deployer.terraform.made import (
    EVENT,
    EVERYTHING,
    FUNCTION,
    JOB,
    PLANTED,
    READS,
    SCHEDULE,
    STORES,
    TARGET,
    WORKFLOW,
)

SCHEMA = "BLOCKLIFT_TERRAFORM_PROVIDER"
PIECES = Pieces(TARGET, "shop", {key(r): r for r in EVERYTHING})
META = {"depends_on"}


def text_of(resource: Resource) -> str:
    return document(list(PIECES.of(resource)))


def test_a_function_is_built_from_its_bundle_and_waits_for_its_own_rights() -> None:
    text = text_of(FUNCTION)
    assert 'source = "${path.module}/bundles/daily-load.zip"' in text
    assert "google_secret_manager_secret.shop_password.secret_id" in text
    waits = text[text.index("depends_on") : text.index("build_config")]
    assert waits.count("iam_member") == 1
    assert "daily_run" in waits
    assert "timeout_seconds                  = 1800" in text


def test_a_job_runs_what_the_function_built() -> None:
    text = text_of(JOB)
    image = "data.google_cloud_run_v2_service.daily_load.template[0].containers[0].image"
    assert f"image = {image}" in text
    assert '"cpu"    = "1"\n' in text  # no part of a processor, and no less than half a gibibyte
    assert '"memory" = "512Mi"' in text
    assert 'timeout         = "7200s"' in text


def test_an_event_has_its_relay_before_it() -> None:
    text = text_of(EVENT)
    assert text.index('"google_workflows_workflow" "on_daily_file"') < text.index(
        '"google_eventarc_trigger" "on_daily_file"'
    )
    assert "workflow = google_workflows_workflow.on_daily_file.id" in text
    assert 'value     = "shop-arrivals"' in text


def test_an_event_waits_for_the_right_to_publish_it() -> None:
    waits = text_of(EVENT).rpartition("depends_on")[2]
    agent, grant = publishing("shop-prod")
    assert grant.reference in waits[: waits.index("]")]
    assert (agent.type, agent.labels[0]) == ("data", "google_storage_project_service_account")
    text = document([grant])
    assert 'role    = "roles/pubsub.publisher"' in text
    assert f"member  = {agent.reference}.member" in text


def test_grants_become_one_block_each() -> None:
    assert text_of(READS).count("resource ") == 2
    text = text_of(STORES)
    assert "# what it leaves\n" in text
    assert r"startsWith(\"projects/_/buckets/b/objects/runs/$${x}\")" in text
    assert "bucket = google_storage_bucket.shop_artifacts.name" in text


def test_a_workflow_waits_for_all_below_it() -> None:
    text = text_of(WORKFLOW)
    assert "google_cloud_run_v2_job.daily_load" in text
    assert "google_cloud_run_v2_service_iam_member.daily_load_daily_run_run_invoker" in text
    assert 'description         = "Says $${hello}"' in text


def test_a_schedule_sends_what_it_would_send() -> None:
    text = text_of(SCHEDULE)
    assert r"base64encode(" in text
    assert "$${1}" in text
    assert "paused    = true" in text


def test_no_value_of_a_secret_is_anywhere() -> None:
    assert PLANTED not in "".join(text_of(resource) for resource in EVERYTHING)


def test_names_are_unique() -> None:
    blocks = [block.reference for resource in EVERYTHING for block in PIECES.of(resource)]
    assert len(blocks) == len(set(blocks))


@pytest.mark.skipif(SCHEMA not in os.environ, reason=f"${SCHEMA}: provider bindings unpacked")
def test_every_argument_is_in_the_providers_schema() -> None:
    """Against `@cdktf/provider-google`, which is generated from the provider's own schema."""
    library = Path(os.environ[SCHEMA]) / "lib"
    blocks = [block for resource in EVERYTHING for block in PIECES.of(resource)]
    blocks += publishing("shop-prod")
    assert [problem for block in blocks for problem in problems(library, block)] == []


def problems(library: Path, block: Block) -> Iterator[str]:
    folder = block.labels[0].removeprefix("google_").replace("_", "-")
    prefix = "data-google-" if block.type == "data" else ""
    declared = (library / f"{prefix}{folder}" / "index.d.ts").read_text()
    name = camel(("data_google_" if prefix else "") + block.labels[0].removeprefix("google_"))
    yield from unknown(declared, f"{name}Config", name, block)


def unknown(declared: str, interface: str, prefix: str, block: Block) -> Iterator[str]:
    body = rf"(?ms)export interface {interface}\b[^{{]*{{(.*?)^}}"
    found = re.search(body, declared)
    assert found, f"no {interface}"
    known = set(re.findall(r"readonly (\w+)\??:", found[1]))
    wanted = {n: lower(n) for n in block.arguments if n not in META}
    yield from (f"{interface}: {n}" for n, written in wanted.items() if written not in known)
    for inner in block.blocks:
        if lower(inner.type) not in known:
            yield f"{interface}: block {inner.type}"
            continue
        below = prefix + camel(inner.type)
        yield from unknown(declared, below, below, inner)


def camel(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))


def lower(name: str) -> str:
    return name[0] + camel(name)[1:]
