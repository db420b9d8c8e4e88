"""What the doctor finds in a target: buckets on the local cloud, the rest as Google answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

import pytest
import requests

from deployer.checkup import Checkup, Finding
from deployer.gcp.session import Session
from deployer.model import Project, Trigger
from deployer.target import Endpoints, Target, local
from tests.deployer.making import block, pipeline, project

API = Trigger("outside", "api", pipeline().place)
PLAIN, OPEN = project(pipeline(block("a"))), project(pipeline(block("a"), triggers=(API,)))
_numbers = count()


def checkup(target: Target, of: Project = PLAIN) -> Checkup:
    return Checkup(of, target, Session(requests.Session()))


def bad(findings: Iterator[Finding]) -> dict[str, str]:
    return {finding.what: finding.mend for finding in findings if not finding.fine}


def made(emulator: str, **labels: str) -> str:
    name = f"checkup-{next(_numbers)}"
    body = {"name": name, "labels": labels}
    url = f"{emulator}/storage/v1/b?project=blocklift-local"
    assert requests.post(url, json=body, timeout=10).ok
    return name


def test_buckets_that_are_in_the_way_are_told(emulator: str) -> None:
    here = replace(local(PLAIN, emulator), name="dev")
    free = replace(here, bucket="checkup-free", buckets=(made(emulator),))
    assert bad(checkup(free).buckets()) == {}
    mine = replace(
        here, bucket=made(emulator, **{"blocklift-project": "shop"}), buckets=("no-such",)
    )
    (what, mend), *rest = bad(checkup(mine).buckets()).items()
    assert not rest
    assert what == "data bucket no-such"
    assert mend.startswith("gcloud storage buckets create gs://no-such --project blocklift-local")
    for labels, whose in (({}, "not made by blocklift"), ({"blocklift-project": "x"}, "of x")):
        found = bad(checkup(replace(here, bucket=made(emulator, **labels))).buckets())
        assert [whose in told and "target dev" in mend for told, mend in found.items()] == [True]


@pytest.fixture
def google() -> Iterator[tuple[Target, dict[str, Any]]]:
    """A target whose APIs answer what the test puts into a dict, by path; 404 else."""
    answers: dict[str, Any] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, body = answers.get(self.path, (404, {"error": {"message": "none"}}))
            data = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield Target("prod", "acme", "europe-west9", "b", endpoints=Endpoints.all_at(url)), answers
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_region_without_a_service_is_told_with_those_near(
    google: tuple[Target, dict[str, Any]],
) -> None:
    target, answers = google
    places = [{"locationId": name} for name in ("europe-west1", "europe-west9", "us-east1")]
    answers["/v2/projects/acme/locations"] = (200, {"locations": places})
    answers["/v1/projects/acme/locations"] = (200, {"locations": places[:1] + places[2:]})
    found = bad(checkup(target).regions())
    assert set(found) == {"Workflows in europe-west9", "Cloud Scheduler in europe-west9"}
    assert found["Workflows in europe-west9"].endswith("it has: europe-west1")


def ruled(answers: dict[str, Any], constraint: str, rule: Mapping[str, Any]) -> None:
    path = f"/v2/projects/acme/policies/{constraint}:getEffectivePolicy"
    answers[path] = (200, {"spec": {"rules": [rule]}})


def test_policies_that_forbid_what_is_needed_are_told(
    google: tuple[Target, dict[str, Any]],
) -> None:
    target, answers = google
    assert bad(checkup(target, OPEN).policies()) == {}
    ruled(answers, "iam.disableServiceAccountCreation", {"enforce": True})
    ruled(answers, "iam.allowedPolicyMemberDomains", {"values": {"allowedValues": ["C0abc"]}})
    ruled(answers, "run.allowedIngress", {"values": {"allowedValues": ["is:internal"]}})
    assert len(bad(checkup(target, PLAIN).policies())) == 1, "only API triggers must be open"
    found = bad(checkup(target, OPEN).policies())
    assert len(found) == 3
    assert all("gcloud org-policies describe" in mend for mend in found.values())
    ruled(answers, "run.allowedIngress", {"values": {"allowedValues": ["all"]}})
    ruled(answers, "iam.allowedPolicyMemberDomains", {"allowAll": True})
    assert len(bad(checkup(target, OPEN).policies())) == 1


def test_who_may_not_look_is_told_so_and_nothing_more(
    google: tuple[Target, dict[str, Any]],
) -> None:
    target, answers = google
    refused = (403, {"error": {"message": "Permission 'orgpolicy.policy.get' denied"}})
    answers["/v2/projects/acme/policies/iam.disableServiceAccountCreation:getEffectivePolicy"] = (
        refused
    )
    answers["/storage/v1/b/b"] = refused
    found = list(checkup(target).findings())
    assert [f.what for f in found if not f.fine] == ["bucket b is not this project's to see"]
    assert any("could not be looked at" in f.what for f in found)
