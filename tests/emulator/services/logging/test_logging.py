"""Logging v2 over the wire."""

from __future__ import annotations

import threading

import pytest


def write(emulator, log: str, *entries: dict, **shared) -> None:
    body = {"logName": f"projects/blocklift-local/logs/{log}", "entries": list(entries), **shared}
    assert emulator.post("/v2/entries:write", body).code == 200


def entries(emulator, filter_: str, **more) -> list[dict]:
    body = {"resourceNames": ["projects/blocklift-local"], "filter": filter_, **more}
    answer = emulator.post("/v2/entries:list", body)
    assert answer.code == 200, answer.body
    return answer.json["entries"]


def test_a_block_of_a_run_is_found(emulator, fresh_name: str) -> None:
    mine = {"blocklift_run": fresh_name}
    write(
        emulator,
        "a",
        {"jsonPayload": {"message": "begun"}, "labels": {"blocklift_block": "load"}},
        {
            "jsonPayload": {"message": "failed"},
            "labels": {"blocklift_block": "load"},
            "severity": "ERROR",
        },
        {"textPayload": "other", "labels": {"blocklift_block": "export"}},
        labels=mine,
        resource={"type": "cloud_run_revision", "labels": {"service_name": "load"}},
    )
    of_run = f'labels.blocklift_run="{fresh_name}"'
    assert len(entries(emulator, of_run)) == 3
    found = entries(emulator, f'{of_run} AND labels.blocklift_block="load" AND severity>=ERROR')
    assert [entry["jsonPayload"]["message"] for entry in found] == ["failed"]
    assert found[0]["resource"]["labels"] == {"service_name": "load"}


def test_pages_and_order(emulator, fresh_name: str) -> None:
    write(emulator, fresh_name, *[{"textPayload": str(n)} for n in range(5)])
    log = f'log_id("{fresh_name}")'
    body = {
        "resourceNames": ["projects/blocklift-local"],
        "filter": log,
        "pageSize": 2,
        "orderBy": "timestamp desc",
    }
    seen: list[str] = []
    while True:
        page = emulator.post("/v2/entries:list", body).json
        seen += [entry["textPayload"] for entry in page["entries"]]
        if "nextPageToken" not in page:
            break
        body["pageToken"] = page["nextPageToken"]
    assert seen == ["4", "3", "2", "1", "0"]


def test_following(emulator, fresh_name: str) -> None:
    answers: list = []
    body = {"resourceNames": ["projects/blocklift-local"], "filter": f'log_id("{fresh_name}")'}
    following = threading.Thread(
        target=lambda: answers.append(emulator.post("/v2/entries:tail", body).json)
    )
    following.start()
    while following.is_alive():  # until the tail is in place, an entry may come too early for it
        write(emulator, fresh_name, {"textPayload": "now"})
        following.join(0.05)
    assert answers[0][0]["entries"][0]["textPayload"] == "now"


def test_logs_are_listed_and_deleted(emulator, fresh_name: str) -> None:
    write(emulator, f"{fresh_name}%2Fx", {"textPayload": "x"})
    name = f"projects/blocklift-local/logs/{fresh_name}%2Fx"
    listed = emulator.get("/v2/projects/blocklift-local/logs?pageSize=1000").json["logNames"]
    assert name in listed
    assert emulator.call("DELETE", f"/v2/{name}").code == 200
    assert emulator.call("DELETE", f"/v2/{name}").code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"resourceNames": ["projects/p"], "filter": "severity >="},
        {"resourceNames": ["projects/p"], "orderBy": "name"},
        {"resourceNames": ["projects/p"], "pageToken": "x"},
        {"resourceNames": ["projects/p"], "unknown": 1},
        {},
    ],
)
def test_lists_that_are_refused(emulator, body: dict) -> None:
    assert emulator.post("/v2/entries:list", body).code == 400


def test_an_entry_without_a_log(emulator) -> None:
    refused = emulator.post("/v2/entries:write", {"entries": [{"textPayload": "x"}]})
    assert "Log name" in refused.message


def test_an_account_needs_a_role(emulator, fresh_name: str) -> None:
    token = emulator.token_of(emulator.account(f"sa-{fresh_name}"))
    body = {"resourceNames": ["projects/blocklift-local"]}
    refused = emulator.post("/v2/entries:list", body, authorization=token)
    assert (refused.code, "logging.logEntries.list" in refused.message) == (403, True)
