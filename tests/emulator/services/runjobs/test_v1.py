"""Jobs from inside workflows: both versions of the connector, and a long block of a pipeline."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from deployer.bundle import bundle
from deployer.compile import compile_pipeline
from deployer.load import load
from deployer.model import Block
from deployer.naming import function_id
from tests.deployer.making import DAILY, SHOP, written
from tests.emulator.conftest import PROJECT, Emulator
from tests.emulator.services.runjobs.conftest import PARENT, Cloud

NAMESPACE = f"/apis/run.googleapis.com/v1/namespaces/{PROJECT}"
REGIONAL = "europe-west1-run.googleapis.com"


def execute(emulator: Emulator, name: str, source: str, argument: Any = None) -> dict[str, Any]:
    """The execution of a workflow that is deployed for it, at its end."""
    path = f"/v1/{PARENT}/workflows"
    made = emulator.post(f"{path}?workflowId={name}", {"sourceContents": source})
    assert made.code == 200, made.body
    started = emulator.post(f"{path}/{name}/executions", {"argument": json.dumps(argument)})
    deadline = time.monotonic() + 40
    while (found := emulator.get(f"/v1/{started.json['name']}").json)["state"] == "ACTIVE":
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def flow(call: str, name: str, **more: Any) -> str:
    """Run the job, and give back what the connector gives, or the error."""
    policy = {"polling_policy": {"initial_delay": 0.1, "multiplier": 1}}
    args = {"name": name, "connector_params": policy, **more}
    run = {"try": {"call": f"googleapis.run.{call}", "args": args, "result": "done"}}
    caught = {"as": "e", "steps": [{"tell": {"return": "${e}"}}]}
    return json.dumps(
        {"main": {"steps": [{"run": {**run, "except": caught}}, {"give": {"return": "${done}"}}]}}
    )


def test_version_1_shows_and_runs_a_job_of_its_region(
    cloud: Cloud, emulator: Emulator, image: str, fresh_name: str
) -> None:
    cloud.create(fresh_name, "python", "-c", "pass", image=image)
    shown = emulator.get(f"{NAMESPACE}/jobs/{fresh_name}", host=REGIONAL).json
    assert (shown["kind"], shown["metadata"]["name"]) == ("Job", fresh_name)
    assert shown["spec"]["template"]["spec"]["template"]["spec"]["timeoutSeconds"] == "600"
    elsewhere = "us-east1-run.googleapis.com"
    assert emulator.get(f"{NAMESPACE}/jobs/{fresh_name}", host=elsewhere).code == 404
    listed = emulator.get(f"{NAMESPACE}/jobs", host=REGIONAL).json["items"]
    assert fresh_name in [one["metadata"]["name"] for one in listed]

    made = emulator.post(f"{NAMESPACE}/jobs/{fresh_name}:run", {}, host=REGIONAL).json
    path = f"{NAMESPACE}/executions/{made['metadata']['name']}"
    deadline = time.monotonic() + 20
    while "completionTime" not in (one := emulator.get(path).json)["status"]:
        assert time.monotonic() < deadline
    assert one["status"]["conditions"][0]["status"] == "True"
    tasks = emulator.get(f"{NAMESPACE}/tasks").json["items"]
    assert f"{made['metadata']['name']}-task0" in [task["metadata"]["name"] for task in tasks]


def test_the_connector_of_version_1_waits_for_the_execution(
    cloud: Cloud, emulator: Emulator, image: str, fresh_name: str
) -> None:
    cloud.create(fresh_name, "python", "told.py", "MODE", image=image)
    env = [{"name": "MODE", "value": "from a workflow"}]
    source = flow(
        "v1.namespaces.jobs.run",
        f"namespaces/{PROJECT}/jobs/{fresh_name}",
        location="europe-west1",
        body={"overrides": {"containerOverrides": [{"env": env}]}},
    )
    ended = execute(emulator, fresh_name, source)
    result = json.loads(ended["result"])
    assert result.get("status", {}).get("succeededCount") == 1, result
    found = cloud.executions.list_executions(parent=f"{PARENT}/jobs/{fresh_name}")
    assert cloud.printed(next(iter(found))) == ["MODE from a workflow"]


def test_a_failing_job_is_an_operation_error_in_both_versions(
    cloud: Cloud, emulator: Emulator, image: str, fresh_name: str
) -> None:
    cloud.create(fresh_name, "python", "-c", "raise SystemExit(3)", image=image)
    one = flow(
        "v1.namespaces.jobs.run", f"namespaces/{PROJECT}/jobs/{fresh_name}", location="europe-west1"
    )
    two = flow("v2.projects.locations.jobs.run", f"{PARENT}/jobs/{fresh_name}")
    for number, source in enumerate((one, two)):
        error = json.loads(execute(emulator, f"{fresh_name}-{number}", source)["result"])
        assert error["tags"] == ["OperationError"]
        assert "failed with message: The container exited with an error." in error["message"]


def test_a_job_that_is_not_there_is_an_http_error(emulator: Emulator, fresh_name: str) -> None:
    source = flow("v2.projects.locations.jobs.run", f"{PARENT}/jobs/nowhere")
    error = json.loads(execute(emulator, fresh_name, source)["result"])
    assert (error["tags"], error["code"]) == (["HttpError"], 404)


LONG = """
@transformer
def transform(data, *args, **kwargs):
    import os
    print('I am task', os.environ['CLOUD_RUN_TASK_INDEX'])
    return {'twice': data * 2, 'who': kwargs['who']}
"""
STORE = """
@data_exporter
def export(data, *args, **kwargs):
    print('stored', data)
"""


def test_a_long_block_of_a_pipeline_runs_as_a_job_of_its_functions_build(
    cloud: Cloud, emulator: Emulator, bucket: str, tmp_path: Path
) -> None:
    long = DAILY.replace("uuid: clean\n", "uuid: clean\n      executor_type: gcp_cloud_run\n")
    files = {
        "pipelines/daily/metadata.yaml": long,
        "transformers/clean.py": LONG,
        "data_exporters/store.py": STORE,
    }
    project = load(written(tmp_path, SHOP, files))
    daily = project.pipelines[0]
    number = emulator.get(f"/v3/projects/{PROJECT}").json["name"].rpartition("/")[2]
    member = f"serviceAccount:{number}-compute@developer.gserviceaccount.com"
    policy = {"bindings": [{"role": "roles/storage.objectAdmin", "members": [member]}]}
    assert emulator.call("PUT", f"/storage/v1/b/{bucket}/iam", policy).code == 200

    def url(block: Block) -> str:
        return f"https://{function_id(daily, block)}-{number}.europe-west1.run.app"

    for block in daily.blocks:
        name = function_id(daily, block)
        image = cloud.image(name, bundle(project, daily, block).files, "block")
        if block.id == "clean":
            cloud.create(name, "python", "-m", "runtime.job", image=image)
    definition = compile_pipeline(project, daily, url, bucket)
    ended = execute(emulator, "daily-long", definition.text, {"variables": {"who": "me"}})
    assert ended["state"] == "SUCCEEDED", ended
    job = next(function_id(daily, block) for block in daily.blocks if block.id == "clean")
    (execution,) = cloud.executions.list_executions(parent=f"{PARENT}/jobs/{job}")
    said = [e["jsonPayload"]["message"] for e in cloud.log(execution) if "jsonPayload" in e]
    said += [e["textPayload"] for e in cloud.log(execution) if "textPayload" in e]
    assert "I am task 0" in said
    asked = {"resourceNames": [f"projects/{PROJECT}"], "filter": 'labels.blocklift_block="store"'}
    told = json.dumps(emulator.post("/v2/entries:list", asked).json)
    assert "stored {'twice': 2, 'who': 'me'}" in told
