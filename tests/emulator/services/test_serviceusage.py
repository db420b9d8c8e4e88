from __future__ import annotations

SERVICES = "/v1/projects/blocklift-local/services"


def test_every_api_is_on(emulator) -> None:
    path = f"{SERVICES}?filter=state:ENABLED&pageSize=200"
    names = {service["config"]["name"] for service in emulator.get(path).json["services"]}
    assert {"run.googleapis.com", "workflows.googleapis.com", "storage.googleapis.com"} <= names
    assert emulator.get(f"{SERVICES}?filter=state:DISABLED").json["services"] == []
    assert emulator.get(f"{SERVICES}/run.googleapis.com").json["state"] == "ENABLED"


def test_enabling_is_done_at_once(emulator) -> None:
    body = {"serviceIds": ["run.googleapis.com", "eventarc.googleapis.com"]}
    operation = emulator.post(f"{SERVICES}:batchEnable", body).json
    assert operation["done"]
    assert len(operation["response"]["services"]) == 2
    refused = emulator.post(f"{SERVICES}/run.googleapis.com:disable", {})
    assert refused.json["error"]["status"] == "FAILED_PRECONDITION"
