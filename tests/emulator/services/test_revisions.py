"""Going back to an earlier revision of a function's service, by Google's own Run client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import functions_v2, run_v2
from google.protobuf.field_mask_pb2 import FieldMask

from tests.emulator.services.functions.conftest import Served
from tests.emulator.services.functions.test_methods import PARENT, call, create, grant, upload

NAME = "greet"
SERVICE = f"{PARENT}/services/{NAME}"
LATEST = run_v2.TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST
REVISION = run_v2.TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION


def says(word: str) -> str:
    return f"def hello(request):\n    return {word!r}\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("served") / "data")
    try:
        create(made, NAME, says("one"))
        grant(made, NAME)
        yield made
    finally:
        made.stop()


@pytest.fixture
def run(served: Served) -> Iterator[run_v2.ServicesClient]:
    client = run_v2.ServicesClient(
        transport="rest",
        client_options=ClientOptions(api_endpoint=served.url),
        credentials=AnonymousCredentials(),
    )
    yield client
    client.transport.close()


def deploy(served: Served, word: str, *more: str, **service: Any) -> str:
    """The new revision's name."""
    changed = functions_v2.Function(
        name=f"{PARENT}/functions/{NAME}",
        build_config=functions_v2.BuildConfig(
            runtime="python311",
            entry_point="hello",
            source=functions_v2.Source(storage_source=upload(served, says(word))),
        ),
        service_config=functions_v2.ServiceConfig(**service),
    )
    mask = FieldMask(paths=["build_config", *more])
    done = served.functions.update_function(function=changed, update_mask=mask)
    return str(done.result(timeout=60).service_config.revision)


def send_to(run: run_v2.ServicesClient, revision: str) -> None:
    target = run_v2.TrafficTarget(type_=REVISION, revision=revision, percent=100)
    if not revision:
        target = run_v2.TrafficTarget(type_=LATEST, percent=100)
    service = run_v2.Service(name=SERVICE, traffic=[target])
    run.update_service(service=service, update_mask=FieldMask(paths=["traffic"])).result(timeout=30)


def answer(served: Served, run: run_v2.ServicesClient) -> str:
    return call(served, run.get_service(name=SERVICE).urls[0]).text


def on_latest(served: Served) -> bool:
    found = served.functions.get_function(name=f"{PARENT}/functions/{NAME}")
    return bool(found.service_config.all_traffic_on_latest_revision)


def test_traffic_goes_back_and_forward_without_a_build(
    served: Served, run: run_v2.ServicesClient
) -> None:
    first = run.get_service(name=SERVICE).latest_ready_revision.rpartition("/")[2]
    second = deploy(served, "two")
    assert answer(served, run) == "two"
    send_to(run, first)
    assert answer(served, run) == "one"
    found = run.get_service(name=SERVICE)
    assert found.traffic[0].revision == first
    assert found.latest_ready_revision.endswith(second)
    assert not on_latest(served)
    send_to(run, "")
    assert answer(served, run) == "two"
    assert on_latest(served)


def test_a_deploy_takes_the_traffic_only_when_it_says_so(
    served: Served, run: run_v2.ServicesClient
) -> None:
    send_to(run, run.get_service(name=SERVICE).latest_ready_revision.rpartition("/")[2])
    before = answer(served, run)
    deploy(served, "three")
    assert answer(served, run) == before
    path = "service_config.all_traffic_on_latest_revision"
    deploy(served, "four", path, all_traffic_on_latest_revision=True)
    assert answer(served, run) == "four"
    assert on_latest(served)


def test_a_revision_that_is_not_there_gets_no_traffic(
    served: Served, run: run_v2.ServicesClient
) -> None:
    with pytest.raises(exceptions.NotFound):
        send_to(run, "greet-00099-abc")


def test_old_revisions_are_listed_and_go_the_serving_one_stays(
    served: Served, run: run_v2.ServicesClient
) -> None:
    deploy(served, "five")
    listed = served.http.get(f"/v2/{SERVICE}/revisions").json()["revisions"]
    names = [one["name"] for one in listed]
    assert names == sorted(names, reverse=True)
    assert served.http.delete(f"/v2/{names[0]}").status_code == 400
    assert served.http.delete(f"/v2/{names[-1]}").status_code == 200
    assert served.http.get(f"/v2/{names[-1]}").status_code == 404


@pytest.mark.parametrize(
    "traffic",
    [
        [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 50}],
        [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "percent": 100}],
        [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100, "share": 1}],
    ],
)
def test_traffic_that_cannot_be_meant_is_refused(served: Served, traffic: list[Any]) -> None:
    sent = served.http.patch(f"/v2/{SERVICE}?updateMask=traffic", json={"traffic": traffic})
    assert sent.status_code == 400
