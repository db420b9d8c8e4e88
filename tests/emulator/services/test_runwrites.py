"""One image, several services: Google's own Cloud Run client against a served emulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import run_v2
from google.protobuf.duration_pb2 import Duration

from tests.emulator.services.functions.conftest import Served
from tests.emulator.services.functions.test_methods import PARENT, call, create, grant, zipped

BUCKET = "sources"
IMAGE = "europe-west1-docker.pkg.dev/blocklift-local/blocklift/shop"
FILES = {
    "main.py": "def a(request):\n    return 'root'\n",
    "sub/main.py": "import os\n\n\ndef b(request):\n    return os.environ['WORD']\n",
    "requirements.txt": "functions-framework\n",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("served") / "data")
    try:
        answer = made.http.post(
            "/storage/v1/b", params={"project": "blocklift-local"}, json={"name": BUCKET}
        )
        assert answer.status_code == 200
        yield made
    finally:
        made.stop()


def client(kind: Any, served: Served) -> Any:
    return kind(
        transport="rest",
        client_options=ClientOptions(api_endpoint=served.url),
        credentials=AnonymousCredentials(),
    )


@pytest.fixture
def services(served: Served) -> Iterator[run_v2.ServicesClient]:
    made = client(run_v2.ServicesClient, served)
    yield made
    made.transport.close()


def submitted(served: Served, files: dict[str, str]) -> dict[str, Any]:
    """The operation of Cloud Build, when it is done. Google's client for Cloud Run cannot read one
    over REST without that for Cloud Build beside it.
    """
    upload = "/upload/storage/v1/b/sources/o"
    query = {"uploadType": "media", "name": "source.zip"}
    assert served.http.post(upload, params=query, content=zipped(files)).status_code == 200
    request = {
        "imageUri": f"{IMAGE}:one",
        "storageSource": {"bucket": BUCKET, "object": "source.zip"},
        "buildpackBuild": {"runtime": "python311", "functionTarget": "a"},
    }
    answer = served.http.post(f"/v2/{PARENT}/builds:submit", json=request)
    assert answer.status_code == 200, answer.text
    begun = answer.json()["buildOperation"]["name"]
    done: dict[str, Any] = served.http.post(f"/v1/{begun}:wait").json()
    assert done["done"]
    return done


def built(served: Served) -> str:
    image = submitted(served, FILES)["response"]["results"]["images"][0]
    return f"{IMAGE}@{image['digest']}"


def wanted(image: str, **env: str) -> run_v2.Service:
    variables = [run_v2.EnvVar(name=name, value=value) for name, value in env.items()]
    return run_v2.Service(
        ingress=run_v2.IngressTraffic.INGRESS_TRAFFIC_ALL,
        template=run_v2.RevisionTemplate(
            timeout=Duration(seconds=60),
            containers=[run_v2.Container(image=image, env=variables)],
        ),
    )


def test_one_image_is_several_services_and_each_changes_alone(
    served: Served, services: run_v2.ServicesClient
) -> None:
    image = built(served)
    inner = {"FUNCTION_TARGET": "b", "FUNCTION_SOURCE": "sub/main.py"}
    for name, env in (("one", {"FUNCTION_TARGET": "a"}), ("two", {**inner, "WORD": "hi"})):
        made = services.create_service(parent=PARENT, service=wanted(image, **env), service_id=name)
        assert made.result(timeout=60).template.containers[0].image == image
    one, two = (services.get_service(name=f"{PARENT}/services/{n}") for n in ("one", "two"))
    assert call(served, one.uri).status_code == 403
    grant(served, "one")
    grant(served, "two")
    assert (call(served, one.uri).text, call(served, two.uri).text) == ("root", "hi")

    changed = wanted(image, **inner, WORD="bye")
    changed.name = two.name
    services.update_service(service=changed).result(timeout=60)
    assert (call(served, one.uri).text, call(served, two.uri).text) == ("root", "bye")

    services.delete_service(name=two.name).result(timeout=60)
    assert call(served, two.uri).status_code == 404
    with pytest.raises(exceptions.NotFound):
        services.get_service(name=two.name)


def test_a_service_that_does_not_start_leaves_what_serves(
    served: Served, services: run_v2.ServicesClient
) -> None:
    good = wanted(built(served), FUNCTION_TARGET="a")
    services.create_service(parent=PARENT, service=good, service_id="stays").result(timeout=60)
    grant(served, "stays")
    bad = wanted(good.template.containers[0].image, FUNCTION_TARGET="nobody")
    bad.name = f"{PARENT}/services/stays"
    with pytest.raises(exceptions.GoogleAPICallError, match="Healthcheck failed"):
        services.update_service(service=bad).result(timeout=60)
    assert call(served, services.get_service(name=bad.name).uri).text == "root"


def test_what_google_would_refuse_is_refused(
    served: Served, services: run_v2.ServicesClient
) -> None:
    unknown = wanted(f"{IMAGE}@sha256:{'0' * 64}")
    with pytest.raises(exceptions.BadRequest, match="not found"):
        services.create_service(parent=PARENT, service=unknown, service_id="x")
    with pytest.raises(exceptions.BadRequest, match="service_id"):
        services.create_service(parent=PARENT, service=unknown, service_id="No_Such")
    create(served, "function")
    theirs = f"{PARENT}/services/function"
    with pytest.raises(exceptions.BadRequest, match="belongs to a function"):
        services.delete_service(name=theirs)


def test_a_broken_source_fails_its_build_with_the_reason(served: Served) -> None:
    error = submitted(served, {**FILES, "sub/main.py": "def b(:\n"})["error"]
    assert "SyntaxError" in error["message"]
