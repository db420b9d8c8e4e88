"""A file that arrives in a bucket starts the pipelines that wait for it."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.story.conftest import CLOUD, World, until

BUCKET = "blocklift-local-arrivals"
FILES = {
    "metadata.yaml": "project_type: standalone\n",
    "blocklift.yaml": f"""
        targets: {{local: {{buckets: [{BUCKET}]}}}}
        events:
        - {{pipeline: count, bucket: {BUCKET}, prefix: in/, variables: {{unit: bytes}}}}
        """,
    "data_loaders/look.py": """
        @data_loader
        def look(*args, **kwargs):
            return [kwargs["event"]["data"]["name"], kwargs["data"]["size"], kwargs["unit"]]
        """,
    "data_loaders/legacy.py": """
        @data_loader
        def legacy(*args, **kwargs):
            found = kwargs["event"]["detail"]
            return [found["bucket"]["name"], found["object"]["key"], kwargs["trigger_name"]]
        """,
    "pipelines/count/metadata.yaml": """
        uuid: count
        type: python
        blocks: [{uuid: look, type: data_loader, language: python}]
        """,
    "pipelines/legacy/metadata.yaml": """
        uuid: legacy
        type: python
        blocks: [{uuid: legacy, type: data_loader, language: python}]
        """,
    "pipelines/legacy/triggers.yaml": f"""
        triggers:
        - name: on file
          schedule_type: event
          status: active
          event_matchers:
          - event_type: aws_event
            pattern:
              source: [aws.s3]
              detail-type: [Object Created]
              detail: {{bucket: {{name: [{BUCKET}]}}, object: {{key: [{{suffix: .csv}}]}}}}
        """,
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("events") / "arrivals"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    return root


def upload(world: World, name: str) -> None:
    path = f"/upload/storage/v1/b/{BUCKET}/o"
    params = {"uploadType": "media", "name": name}
    assert world.http.post(path, params=params, content=b"a,b\n1,2\n").is_success


def ended(world: World, workflow: str) -> list[Any]:
    found = world.get(f"{CLOUD}/workflows/{workflow}/executions").get("executions", [])
    return [one for one in found if one["state"] not in ("ACTIVE", "QUEUED")]


def test_an_upload_starts_what_waits_for_it_and_nothing_else(world: World, project: Path) -> None:
    world.blocklift("deploy", project)
    assert "nothing to change" in world.blocklift("deploy", project).out

    upload(world, "in/notes.txt")
    (run,) = until(lambda: ended(world, "count") or None)
    assert run["state"] == "SUCCEEDED", run
    assert output(world, run, "count", "look") == ["in/notes.txt", "8", "bytes"]

    upload(world, "elsewhere/trips.csv")
    (run,) = until(lambda: ended(world, "legacy") or None)
    assert output(world, run, "legacy", "legacy") == [BUCKET, "elsewhere/trips.csv", "on file"]

    until(lambda: len(ended(world, "on-count-event-1")) == 2 or None)
    assert len(ended(world, "count")) == 1

    # What is no longer in the project is no longer waited for.
    (project / "pipelines/legacy/triggers.yaml").unlink()
    world.blocklift("deploy", project)
    triggers = world.get(f"{CLOUD}/triggers")["triggers"]
    assert [one["name"].rpartition("/")[2] for one in triggers] == ["on-count-event-1"]
    world.blocklift("destroy", project, "--yes", "--data")
    assert world.get(f"{CLOUD}/triggers").get("triggers", []) == []


def output(world: World, run: Any, pipeline: str, block: str) -> Any:
    id_ = run["name"].rpartition("/")[2]
    manifest = world.manifest(id_, "arrivals", pipeline, block)
    uri = manifest["outputs"][0]["uri"].removeprefix("gs://")
    bucket, _, name = uri.partition("/")
    return json.loads(world.object(bucket, name))
