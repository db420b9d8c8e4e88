"""The Functions API as Google's own client sees it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from google.api_core import exceptions
from google.cloud import functions_v2
from google.protobuf.field_mask_pb2 import FieldMask

PARENT = "projects/blocklift-local/locations/europe-west1"
HELLO = "def hello(request):\n    return 'hello'\n"
CALLER = "workflow@blocklift-local.iam.gserviceaccount.com"


def zipped(files: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def upload(served: Any, files: str | Mapping[str, str]) -> functions_v2.StorageSource:
    answer = served.functions.generate_upload_url(
        functions_v2.GenerateUploadUrlRequest(parent=PARENT)
    )
    content = zipped({"main.py": files} if isinstance(files, str) else files)
    sent = served.http.put(
        answer.upload_url, content=content, headers={"content-type": "application/zip"}
    )
    assert sent.status_code == 200, sent.text
    return answer.storage_source


def function(source: functions_v2.StorageSource, **service: Any) -> functions_v2.Function:
    return functions_v2.Function(
        build_config=functions_v2.BuildConfig(
            runtime="python311",
            entry_point="hello",
            source=functions_v2.Source(storage_source=source),
        ),
        service_config=functions_v2.ServiceConfig(available_memory="512Mi", **service),
        labels={"made-by": "test"},
    )


def create(served: Any, name: str, files: str | Mapping[str, str] = HELLO, **service: Any) -> Any:
    made = served.functions.create_function(
        parent=PARENT, function_id=name, function=function(upload(served, files), **service)
    )
    return made.result(timeout=60)


def grant(served: Any, name: str) -> None:
    binding = {"role": "roles/run.invoker", "members": [f"serviceAccount:{CALLER}"]}
    done = served.http.post(
        f"/v2/{PARENT}/services/{name}:setIamPolicy", json={"policy": {"bindings": [binding]}}
    )
    assert done.status_code == 200, done.text


def call(served: Any, uri: str, path: str = "/") -> httpx.Response:
    token = served.app.cloud.identity.id_token(CALLER, uri)
    host = uri.removeprefix("https://")
    return served.http.post(path, headers={"authorization": f"Bearer {token}", "host": host})


def test_a_function_is_created_called_changed_and_deleted(served: Any) -> None:
    made = create(served, "Say_Hello")
    assert made.state == functions_v2.Function.State.ACTIVE
    assert made.service_config.service == f"{PARENT}/services/say-hello"
    assert made.service_config.timeout_seconds == 60
    uri = made.service_config.uri

    assert call(served, uri).status_code == 403
    grant(served, "say-hello")
    assert call(served, uri).text == "hello"
    assert served.http.post("/", headers={"host": uri[8:]}).status_code == 403

    changed = function(upload(served, HELLO.replace("'hello'", "'bye'")))
    changed.name = made.name
    mask = FieldMask(paths=["build_config.source"])
    served.functions.update_function(function=changed, update_mask=mask).result(timeout=60)
    assert call(served, uri).text == "bye"

    served.functions.delete_function(name=made.name).result(timeout=60)
    assert call(served, uri).status_code == 404
    with pytest.raises(exceptions.NotFound):
        served.functions.get_function(name=made.name)
