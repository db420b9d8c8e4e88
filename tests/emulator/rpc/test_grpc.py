"""Google's own clients: Workflows over REST and gRPC, Executions over gRPC."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.api_core import exceptions
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import workflows_v1
from google.cloud.workflows import executions_v1
from google.cloud.workflows.executions_v1.services.executions.transports import (
    ExecutionsGrpcTransport,
)
from google.cloud.workflows_v1.services.workflows.transports import WorkflowsGrpcTransport

from emulator.drive.language import Language
from emulator.workflows.effects import Failed, Frame
from emulator.workflows.source import SourceError, SourceProblem
from tests.emulator.drive.world import PARENT, Script, World, finish
from tests.emulator.services.ports import serving

FLOW = f"{PARENT}/workflows/flow"


def parse(source: str, **_) -> str:
    if source == "wrong":
        raise SourceError([SourceProblem(1, 1, "no steps")])
    return source


def execute(program, argument, environment, **_) -> Script:
    if argument == "fail":
        return fail()
    return finish({"got": argument, "source": program})


def fail() -> Script:
    yield from ()
    return Failed('"no"', "no", (Frame("load", "main", 3, 5, 7),))


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    folder: Path = tmp_path_factory.mktemp("cloud")
    with serving(lambda: World(folder, language=Language(parse, execute))) as found:
        yield found


def rest_client(url: str) -> workflows_v1.WorkflowsClient:
    return workflows_v1.WorkflowsClient(
        transport="rest",
        credentials=AnonymousCredentials(),
        client_options=ClientOptions(api_endpoint=url),
    )


def test_the_clients_deploy_and_run(ports: tuple[str, str]) -> None:
    url, address = ports
    flows = rest_client(url)
    flow = workflows_v1.Workflow(source_contents="one", labels={"a": "b"})
    operation = flows.create_workflow(parent=PARENT, workflow=flow, workflow_id="flow")
    made = operation.result(timeout=10)
    assert made.name == FLOW
    assert made.state == workflows_v1.Workflow.State.ACTIVE
    made.labels["c"] = "d"
    made.call_log_level = workflows_v1.Workflow.CallLogLevel.LOG_NONE
    update = flows.update_workflow(
        workflow=made, update_mask={"paths": ["labels", "call_log_level"]}
    )
    assert update.result(timeout=10).labels == {"a": "b", "c": "d"}
    assert [w.name for w in flows.list_workflows(parent=PARENT)] == [FLOW]
    [revision] = flows.list_workflow_revisions(request={"name": FLOW})
    assert revision.revision_id == made.revision_id
    with grpc.insecure_channel(address) as channel:
        runs = executions_v1.ExecutionsClient(transport=ExecutionsGrpcTransport(channel=channel))
        argument = json.dumps({"n": 1})
        run = runs.create_execution(parent=FLOW, execution={"argument": argument})
        done = waited(runs, run.name)
        assert done.state == executions_v1.Execution.State.SUCCEEDED
        assert json.loads(done.result) == {"got": {"n": 1}, "source": "one"}
        assert done.call_log_level == executions_v1.Execution.CallLogLevel.LOG_NONE
        assert done.end_time >= done.start_time
        failed = waited(
            runs, runs.create_execution(parent=FLOW, execution={"argument": '"fail"'}).name
        )
        [element] = failed.error.stack_trace.elements
        assert (element.step, element.position.line) == ("load", 3)
        listed = list(runs.list_executions(request={"parent": FLOW, "page_size": 1}))
        assert {e.name for e in listed} == {done.name, failed.name}
        full = runs.list_executions(
            request={"parent": FLOW, "view": "FULL", "filter": "state=FAILED"}
        )
        assert [e.argument for e in full] == ['"fail"']


def waited(runs: executions_v1.ExecutionsClient, name: str) -> executions_v1.Execution:
    for _ in range(1000):
        found = runs.get_execution(name=name)
        if found.state != executions_v1.Execution.State.ACTIVE:
            return found
    raise AssertionError("never ended")


def test_grpc_speaks_the_whole_workflows_api(ports: tuple[str, str]) -> None:
    _, address = ports
    with grpc.insecure_channel(address) as channel:
        flows = workflows_v1.WorkflowsClient(transport=WorkflowsGrpcTransport(channel=channel))
        name = f"{PARENT}/workflows/over-grpc"
        made = flows.create_workflow(
            parent=PARENT, workflow={"source_contents": "one"}, workflow_id="over-grpc"
        ).result(timeout=10)
        assert made.name == name
        made.source_contents = "two"
        flows.update_workflow(workflow=made).result(timeout=10)
        assert flows.get_workflow(name=name).revision_id.startswith("000002")
        flows.delete_workflow(name=name).result(timeout=10)
        with pytest.raises(exceptions.NotFound):
            flows.get_workflow(name=name)


def test_refusals_are_googles_exceptions_on_both_wires(ports: tuple[str, str]) -> None:
    url, address = ports
    with pytest.raises(exceptions.BadRequest, match="failed to build: no steps"):
        rest_client(url).create_workflow(
            parent=PARENT, workflow={"source_contents": "wrong"}, workflow_id="wrong"
        )
    with grpc.insecure_channel(address) as channel:
        runs = executions_v1.ExecutionsClient(transport=ExecutionsGrpcTransport(channel=channel))
        with pytest.raises(exceptions.NotFound):
            runs.create_execution(parent=f"{PARENT}/workflows/none", execution={})
        token = (("authorization", "Bearer access:x@demo-project.iam.gserviceaccount.com"),)
        with pytest.raises(exceptions.PermissionDenied):
            runs.list_executions(parent=FLOW, metadata=token)


def test_the_asynchronous_client_works(ports: tuple[str, str]) -> None:
    _, address = ports

    async def story() -> None:
        from google.cloud.workflows.executions_v1.services.executions.transports import (
            ExecutionsGrpcAsyncIOTransport,
        )

        async with grpc.aio.insecure_channel(address) as channel:
            transport = ExecutionsGrpcAsyncIOTransport(channel=channel)
            runs = executions_v1.ExecutionsAsyncClient(transport=transport)
            with pytest.raises(exceptions.NotFound):
                await runs.get_execution(name=f"{FLOW}/executions/none")

    asyncio.run(story())
