"""A deployed function whose code knows nothing of an emulator finds it, as its own account."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import functions_v2

from tests.emulator.conftest import PROJECT, Emulator

REGION = f"projects/{PROJECT}/locations/europe-west1"
SERVICE = "finds-google"
CODE = dedent(
    '''
    """Each way to Google, as one writes it for Google."""

    import json


    def by_client(bucket):
        from google.cloud import storage

        blob = storage.Client().bucket(bucket).blob("by-client")
        blob.upload_from_string("x")
        return blob.download_as_text()


    def by_rest(bucket):
        """No client's own variables: the name of Google's host alone."""
        import google.auth
        from google.auth.transport.requests import AuthorizedSession

        credentials, project = google.auth.default()
        host = "https://storage.googleapis.com"
        answer = AuthorizedSession(credentials).get(f"{host}/storage/v1/b/{bucket}/o")
        answer.raise_for_status()
        return [item["name"] for item in answer.json()["items"]]


    def by_grpc(topic):
        from google.cloud import pubsub_v1

        client = pubsub_v1.PublisherClient()
        assert client.transport.kind == "grpc"
        return bool(client.publish(topic, b"x").result(30))


    def elsewhere(host):
        import requests

        return requests.get(f"https://{host}/v1/x", timeout=20).status_code


    def probe(request):
        way, word = request.get_json()
        try:
            return json.dumps({"told": globals()[way](word)})
        except Exception as error:
            return json.dumps({"refused": f"{type(error).__name__}: {error}"})
    '''
)


@dataclass(frozen=True)
class Deployed:
    """The function, its account, and who may call it."""

    emulator: Emulator
    account: str
    uri: str
    token: str

    def ask(self, way: str, word: str) -> dict[str, Any]:
        body = json.dumps([way, word]).encode()
        headers = {"authorization": f"Bearer {self.token}", "content_type": "application/json"}
        answer = self.emulator.post(f"/run/{SERVICE}/", body, **headers)
        assert answer.code == 200, answer.body
        return dict(answer.json)

    def may(self, role: str, *resources: str) -> None:
        """On the resources' policies: `storage/v1/b/x/iam`, or `v1/projects/p/topics/t`."""
        binding = {"bindings": [{"role": role, "members": [f"serviceAccount:{self.account}"]}]}
        for resource in resources:
            storage = resource.startswith("storage/")
            done = (
                self.emulator.call("PUT", f"/{resource}/iam", binding)
                if storage
                else self.emulator.post(f"/{resource}:setIamPolicy", {"policy": binding})
            )
            assert done.code == 200, done.body


def source(emulator: Emulator, client: functions_v2.FunctionServiceClient) -> Any:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("main.py", CODE)
        needed = "functions-framework\ngoogle-cloud-storage\ngoogle-cloud-pubsub\nrequests\n"
        archive.writestr("requirements.txt", needed)
    place = client.generate_upload_url(functions_v2.GenerateUploadUrlRequest(parent=REGION))
    path = place.upload_url.removeprefix(emulator.url)
    sent = emulator.call("PUT", path, packed.getvalue(), content_type="application/zip")
    assert sent.code == 200, sent.body
    return functions_v2.Source(storage_source=place.storage_source)


@pytest.fixture(scope="module")
def deployed(emulator: Emulator) -> Deployed:
    client = functions_v2.FunctionServiceClient(
        transport="rest",
        client_options={"api_endpoint": emulator.url},
        credentials=AnonymousCredentials(),
    )
    account, caller = emulator.account("the-function"), emulator.account("its-caller")
    function = functions_v2.Function(
        build_config={
            "runtime": "python311", "entry_point": "probe", "source": source(emulator, client),
        },
        service_config={"service_account_email": account, "available_memory": "512Mi"},
    )  # fmt: skip
    made = client.create_function(parent=REGION, function_id=SERVICE, function=function)
    uri = made.result(timeout=120).service_config.uri
    member = {"role": "roles/run.invoker", "members": [f"serviceAccount:{caller}"]}
    path = f"/v2/{REGION}/services/{SERVICE}:setIamPolicy"
    assert emulator.post(path, {"policy": {"bindings": [member]}}).code == 200
    minted = emulator.post(
        f"/v1/projects/-/serviceAccounts/{caller}:generateIdToken", {"audience": uri}
    )
    return Deployed(emulator, account, uri, minted.json["token"])


def test_storage_by_its_client_and_by_the_name_of_its_host(deployed: Deployed, bucket: str) -> None:
    refused = deployed.ask("by_client", bucket)["refused"]
    assert refused.startswith("Forbidden")
    assert f"{deployed.account} does not have storage.objects.create access" in refused
    deployed.may("roles/storage.objectUser", f"storage/v1/b/{bucket}")
    assert deployed.ask("by_client", bucket) == {"told": "x"}
    assert deployed.ask("by_rest", bucket) == {"told": ["by-client"]}


def test_pubsub_over_grpc(deployed: Deployed, fresh_name: str) -> None:
    topic = f"projects/{PROJECT}/topics/{fresh_name}"
    assert deployed.emulator.call("PUT", f"/v1/{topic}", {}).code == 200
    refused = deployed.ask("by_grpc", topic)["refused"]
    assert refused.startswith("PermissionDenied")
    assert "pubsub.topics.publish" in refused
    deployed.may("roles/pubsub.publisher", f"v1/{topic}")
    assert deployed.ask("by_grpc", topic) == {"told": True}


@pytest.mark.parametrize("host", ["spanner.googleapis.com", "docs.google.com", "eu.gcr.io"])
def test_no_other_host_of_google_s_is_reached(deployed: Deployed, host: str) -> None:
    refused = deployed.ask("elsewhere", host)["refused"]
    assert refused.startswith("ProxyError")
    assert f"The local cloud does not serve {host} and lets nobody reach the real" in refused
