"""A run is one trace, heard by a collector that the project names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.runtime.listeners import Webhooks, webhooks
from tests.story.test_rights import made

if TYPE_CHECKING:
    from tests.story.conftest import World

FILES = {
    "blocklift.yaml": "secrets: [OTEL_EXPORTER_OTLP_ENDPOINT]\n",
    "pipelines/traced/metadata.yaml": """
type: python
blocks:
- {uuid: traced_load, type: data_loader, language: python}
- {uuid: traced_store, type: data_exporter, language: python, upstream_blocks: [traced_load]}
""",
    "data_loaders/traced_load.py": "@data_loader\ndef load(*args, **kwargs):\n    return [1, 2]\n",
    "data_exporters/traced_store.py": """
@data_exporter
def store(data, *args, **kwargs):
    print("storing")
    if kwargs.get("full"):
        raise OSError("disk is full")
""",
}


@pytest.fixture
def heard() -> Iterator[Webhooks]:
    with webhooks() as listening:
        yield listening


@pytest.fixture
def traced(world: World, tmp_path: Path, heard: Webhooks) -> Iterator[Path]:
    env = f"OTEL_EXPORTER_OTLP_ENDPOINT={heard.url}\n"
    root = made(tmp_path / "traced", {**FILES, ".env": env})
    yield root
    world.blocklift("destroy", root, "--yes", "--data")


def spans(heard: Webhooks) -> dict[str, dict[str, Any]]:
    """By name, of what came since the last look."""
    bodies, heard.posts[:] = heard.at("/v1/traces"), []
    every = [span for b in bodies for span in b["resourceSpans"][0]["scopeSpans"][0]["spans"]]
    return {span["name"]: span for span in every}


def test_a_run_is_a_trace(world: World, traced: Path, heard: Webhooks) -> None:
    world.blocklift("deploy", traced)
    assert not world.blocklift("plan", traced, "--json").json["would_change"]
    world.blocklift("run", traced, "traced")
    first = spans(heard)
    assert set(first) == {"traced_load", "traced_store", "traced"}
    run = first.pop("traced")
    assert "parentSpanId" not in run
    for block in first.values():
        assert (block["traceId"], block["parentSpanId"]) == (run["traceId"], run["spanId"])
        assert int(run["startTimeUnixNano"]) <= int(block["startTimeUnixNano"])
        assert int(run["endTimeUnixNano"]) >= int(block["endTimeUnixNano"])

    failed = world.blocklift("run", traced, "traced", "--var", "full=true", code=1)
    assert "disk is full" in failed.said
    second = spans(heard)
    assert second["traced"]["traceId"] != run["traceId"]
    codes = {name: span["status"]["code"] for name, span in second.items()}
    assert codes == {"traced_load": 1, "traced_store": 2, "traced": 2}
    assert second["traced"]["status"]["message"] == "disk is full"
