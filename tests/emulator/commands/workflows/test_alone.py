"""A workflow that runs alone, beside an emulator that answers for functions and Google."""

import json
from pathlib import Path

import pytest

from emulator.commands.workflows import main
from tests.emulator.drive.process import emulator

PARENT = "v1/projects/blocklift-local/locations/europe-west1"
CHILD = "main: {params: [a], steps: [{r: {return: '${a.n * 10}'}}]}"
FLOW = """
- child:
    call: experimental.executions.run
    args: {workflow_id: child, argument: {n: 2}}
    result: one
- connector:
    call: googleapis.workflowexecutions.v1.projects.locations.workflows.executions.run
    args: {workflow_id: child, argument: {n: 3}}
    result: two
- buckets:
    call: googleapis.storage.v1.buckets.list
    args: {project: blocklift-local}
    result: buckets
- over_http:
    call: http.get
    args:
      url: https://workflows.googleapis.com/v1/projects/blocklift-local/locations/europe-west1/workflows
      auth: {type: OAuth2}
    result: listed
- missing:
    try:
      call: experimental.executions.run
      args: {workflow_id: nowhere}
    except:
      as: e
      steps:
        - done:
            return: ${[one, two, buckets.kind, len(listed.body.workflows), e.code]}
"""


def test_other_workflows_and_apis_are_the_emulators(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "flow.yaml"
    file.write_text(FLOW)
    with emulator(tmp_path / "data") as cloud:
        cloud.start()
        body = {"sourceContents": CHILD}
        cloud.ask("POST", f"{PARENT}/workflows?workflowId=child", body)
        url = f"http://127.0.0.1:{cloud.port}"
        code = main(["run", str(file), "--emulator", url, "--quiet"])
    told = capsys.readouterr()
    assert code == 0, told.err
    assert json.loads(told.out) == [20, 30, "storage#buckets", 1, 404]
