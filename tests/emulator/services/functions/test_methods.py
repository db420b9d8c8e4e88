"""The Functions API as Google's own client sees it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import httpx2 as httpx
import pytest
from google.api_core import exceptions
from google.cloud import functions_v2
from google.protobuf.field_mask_pb2 import FieldMask

from tests.emulator.hiring import hire

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
    hire(served.app.cloud.store, CALLER)
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


def test_a_syntax_error_fails_the_build_and_the_old_revision_goes_on(served: Any) -> None:
    made = create(served, "hello")
    grant(served, "hello")
    broken = function(upload(served, "def hello(:\n"))
    broken.name = made.name
    mask = FieldMask(paths=["build_config"])
    operation = served.functions.update_function(function=broken, update_mask=mask)
    with pytest.raises(exceptions.GoogleAPICallError, match="SyntaxError"):
        operation.result(timeout=60)
    stage = next(one for one in operation.metadata.stages if one.name == 2)
    assert "Build failed" in stage.message

    failed = served.functions.get_function(name=made.name)
    assert failed.state == functions_v2.Function.State.FAILED
    assert "Build failed with status: FAILURE" in failed.state_messages[0].message
    assert call(served, made.service_config.uri).text == "hello"


def test_what_does_not_start_fails_in_cloud_runs_words(served: Any) -> None:
    with pytest.raises(exceptions.GoogleAPICallError, match="Container Healthcheck failed"):
        create(served, "hello", "import nothing_of_that_name\n" + HELLO)
    state = served.functions.get_function(name=f"{PARENT}/functions/hello").state
    assert state == functions_v2.Function.State.FAILED
    asked = {
        "resourceNames": ["projects/blocklift-local"],
        "filter": 'resource.labels.service_name="hello" AND severity>=ERROR',
    }
    found = served.http.post("/v2/entries:list", json=asked).json()["entries"]
    assert any("nothing_of_that_name" in entry.get("textPayload", "") for entry in found)


def test_a_missing_main_fails_the_build(served: Any) -> None:
    with pytest.raises(exceptions.GoogleAPICallError, match=r"missing main\.py"):
        create(served, "hello", {"other.py": HELLO})


def test_a_change_of_service_settings_does_not_build_again(served: Any) -> None:
    made = create(served, "hello", "import os\ndef hello(r):\n    return os.environ['MODE']\n")
    grant(served, "hello")
    changed = functions_v2.Function(
        name=made.name,
        service_config=functions_v2.ServiceConfig(environment_variables={"MODE": "new"}),
    )
    mask = FieldMask(paths=["service_config.environment_variables"])
    operation = served.functions.update_function(function=changed, update_mask=mask)
    after = operation.result(timeout=60)
    assert [stage.name for stage in operation.metadata.stages] == [3]
    assert after.build_config.build == made.build_config.build
    assert after.service_config.available_memory == "512Mi"
    assert after.service_config.revision != made.service_config.revision
    assert call(served, made.service_config.uri).text == "new"


def test_a_change_of_labels_makes_no_new_revision(served: Any) -> None:
    made = create(served, "hello")
    changed = functions_v2.Function(name=made.name, labels={"a": "b"})
    after = served.functions.update_function(
        function=changed, update_mask=FieldMask(paths=["labels"])
    ).result(timeout=60)
    assert dict(after.labels) == {"a": "b"}
    assert after.service_config.revision == made.service_config.revision


def test_one_operation_at_a_time_and_no_name_twice(served: Any) -> None:
    slow = function(upload(served, "import time\ntime.sleep(1)\n" + HELLO))
    first = served.functions.create_function(parent=PARENT, function_id="hello", function=slow)
    with pytest.raises(exceptions.Conflict, match="already exists"):
        served.functions.create_function(parent=PARENT, function_id="hello", function=slow)
    name = f"{PARENT}/functions/hello"
    with pytest.raises(exceptions.Conflict, match="unable to queue the operation"):
        served.functions.delete_function(name=name)
    assert first.result(timeout=60).state == functions_v2.Function.State.ACTIVE
    served.functions.delete_function(name=name).result(timeout=60)


def test_two_functions_may_not_share_a_service(served: Any) -> None:
    create(served, "a_b")
    with pytest.raises(exceptions.Conflict, match="different name"):
        create(served, "a-b")


def test_lists_by_place(served: Any) -> None:
    for name in ("one", "two"):
        create(served, name)
    anywhere = "projects/blocklift-local/locations/-"
    assert [f.name for f in served.functions.list_functions(parent=anywhere)] == [
        f"{PARENT}/functions/one",
        f"{PARENT}/functions/two",
    ]
    page = functions_v2.ListFunctionsRequest(parent=PARENT, page_size=1)
    assert len(list(served.functions.list_functions(page))) == 2


def test_uploads_take_a_zip_and_no_authorization(served: Any) -> None:
    answer = served.functions.generate_upload_url(
        functions_v2.GenerateUploadUrlRequest(parent=PARENT)
    )
    put = served.http.put
    zip_type = {"content-type": "application/zip"}
    assert put(answer.upload_url, content=b"x").status_code == 403
    with_token = {**zip_type, "authorization": "Bearer x"}
    assert put(answer.upload_url, content=b"x", headers=with_token).status_code == 403
    assert put(answer.upload_url + "x", content=b"x", headers=zip_type).status_code == 403
    assert put(answer.upload_url, content=b"x", headers=zip_type).status_code == 200


def test_secrets_need_the_accounts_own_right(served: Any) -> None:
    account = "reader@blocklift-local.iam.gserviceaccount.com"
    hire(served.app.cloud.store, account)
    secrets = "/v1/projects/blocklift-local/secrets"
    served.http.post(f"{secrets}?secretId=token", json={"replication": {"automatic": {}}})
    served.http.post(f"{secrets}/token:addVersion", json={"payload": {"data": "czNjcjN0"}})
    wanted = {
        "service_account_email": account,
        "secret_environment_variables": [
            {"key": "TOKEN", "project_id": "blocklift-local", "secret": "token", "version": "1"}
        ],
    }
    source = "import os\ndef hello(request):\n    return os.environ['TOKEN']\n"
    with pytest.raises(exceptions.GoogleAPICallError, match="Permission denied on secret"):
        create(served, "hello", source, **wanted)
    served.functions.delete_function(name=f"{PARENT}/functions/hello").result(timeout=60)

    binding = {
        "role": "roles/secretmanager.secretAccessor",
        "members": [f"serviceAccount:{account}"],
    }
    served.http.post(f"{secrets}/token:setIamPolicy", json={"policy": {"bindings": [binding]}})
    made = create(served, "hello", source, **wanted)
    grant(served, "hello")
    assert call(served, made.service_config.uri).text == "s3cr3t"
    shown = served.http.get(f"/v2/{PARENT}/services/hello").text
    assert "token" in shown
    assert "s3cr3t" not in shown
    for path in served.settings.data.rglob("*"):
        if path.is_file() and "secret" not in path.name and not path.name.startswith("emulator"):
            assert b"s3cr3t" not in path.read_bytes(), path


def test_a_caller_needs_rights_of_its_own(served: Any) -> None:
    token = served.app.cloud.identity.access_token(CALLER)
    denied = served.http.get(
        f"/v2/{PARENT}/functions", headers={"authorization": f"Bearer {token}"}
    )
    assert denied.status_code == 403
    assert "cloudfunctions.functions.list" in denied.json()["error"]["message"]


def test_invoking_is_not_a_right_on_the_function(served: Any) -> None:
    create(served, "hello")
    binding = {"role": "roles/run.invoker", "members": [f"serviceAccount:{CALLER}"]}
    refused = served.http.post(
        f"/v2/{PARENT}/functions/hello:setIamPolicy", json={"policy": {"bindings": [binding]}}
    )
    assert refused.status_code == 400
    assert "not supported for this resource" in refused.json()["error"]["message"]


def test_a_service_is_shown_and_reached_by_path(served: Any) -> None:
    made = create(served, "hello", "def hello(request):\n    return request.full_path\n")
    shown = served.http.get(f"/v2/{PARENT}/services/hello").json()
    assert shown["uri"] == made.service_config.uri
    assert shown["terminalCondition"]["state"] == "CONDITION_SUCCEEDED"
    listed = served.http.get("/v2/projects/blocklift-local/locations/-/services").json()
    assert [one["name"] for one in listed["services"]] == [shown["name"]]
    grant(served, "hello")
    token = served.app.cloud.identity.id_token(CALLER, shown["uri"])
    headers = {"authorization": f"Bearer {token}"}
    said = served.http.get("/run/hello/a/b%20c?d=1", headers=headers)
    assert said.text == "/a/b c?d=1"
    assert served.http.get("/run/absent/", headers=headers).status_code == 404
    too_much = served.http.post("/run/hello/", headers=headers, content=b"x" * ((32 << 20) + 1))
    assert too_much.status_code == 413
