"""Cloud Scheduler by Google's client, over REST and gRPC."""

from __future__ import annotations

import json
from typing import Any

import grpc
import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import scheduler_v1
from google.cloud.scheduler_v1.services.cloud_scheduler.transports import (
    CloudSchedulerGrpcTransport,
)
from google.protobuf import duration_pb2, field_mask_pb2

PARENT = "projects/blocklift-local/locations/europe-west1"


@pytest.fixture(scope="module")
def client(emulator) -> scheduler_v1.CloudSchedulerClient:
    return scheduler_v1.CloudSchedulerClient(
        transport="rest",
        client_options={"api_endpoint": emulator.url},
        credentials=AnonymousCredentials(),
    )


def job_of(name: str, **fields: Any) -> scheduler_v1.Job:
    target = scheduler_v1.HttpTarget(uri="https://example.com/x", body=b"hello")
    values = {"schedule": "0 3 * * *", "time_zone": "Europe/Berlin", "http_target": target}
    return scheduler_v1.Job(name=f"{PARENT}/jobs/{name}", **{**values, **fields})


@pytest.fixture
def job(client, fresh_name: str):
    made = client.create_job(parent=PARENT, job=job_of(fresh_name))
    yield made
    client.delete_job(name=made.name)


def test_a_job_is_kept_as_it_was_made(client, job: scheduler_v1.Job) -> None:
    assert client.get_job(name=job.name) == job
    assert job in list(client.list_jobs(parent=PARENT))
    assert job.state == scheduler_v1.Job.State.ENABLED
    assert job.http_target.http_method == scheduler_v1.HttpMethod.POST
    assert job.http_target.body == b"hello"
    assert job.attempt_deadline.seconds == 180
    assert job.retry_config.max_backoff_duration.seconds == 3600
    assert job.schedule_time.hour in (1, 2)


def test_only_what_the_mask_names_changes(client, job: scheduler_v1.Job) -> None:
    wish = scheduler_v1.Job(name=job.name, schedule="5 * * * *", description="never mind")
    wish.retry_config.min_backoff_duration = duration_pb2.Duration(seconds=1)
    mask = field_mask_pb2.FieldMask(paths=["schedule"])
    changed = client.update_job(job=wish, update_mask=mask)
    assert changed.schedule == "5 * * * *"
    assert changed.schedule_time.minute == 5
    assert changed.description == ""
    assert changed.time_zone == "Europe/Berlin"


def test_pause_resume_and_run(client, job: scheduler_v1.Job) -> None:
    assert client.pause_job(name=job.name).state == scheduler_v1.Job.State.PAUSED
    with pytest.raises(exceptions.BadRequest, match="PAUSED"):
        client.pause_job(name=job.name)
    assert client.run_job(name=job.name).name == job.name
    assert client.resume_job(name=job.name).state == scheduler_v1.Job.State.ENABLED


def test_refusals(client, job: scheduler_v1.Job) -> None:
    with pytest.raises(exceptions.Conflict, match=f"Job {job.name} already exists"):
        client.create_job(parent=PARENT, job=job)
    with pytest.raises(exceptions.NotFound, match="Job not found"):
        client.get_job(name=f"{PARENT}/jobs/nothing")
    with pytest.raises(exceptions.BadRequest, match="Schedule or time zone is invalid"):
        client.create_job(parent=PARENT, job=job_of("wrong", schedule="never"))
    engine = scheduler_v1.AppEngineHttpTarget(relative_uri="/x")
    wish = {"name": f"{PARENT}/jobs/p", "schedule": "* * * * *", "app_engine_http_target": engine}
    with pytest.raises(exceptions.MethodNotImplemented, match="App Engine targets"):
        client.create_job(parent=PARENT, job=scheduler_v1.Job(wish))


def test_a_message_is_published(client, emulator, fresh_name: str) -> None:
    topic, mine = (
        f"projects/blocklift-local/{k}/{fresh_name}" for k in ("topics", "subscriptions")
    )
    for path, body in ((topic, {}), (mine, {"topic": topic})):
        assert emulator.call("PUT", f"/v1/{path}", body).code == 200
    target = scheduler_v1.PubsubTarget(topic_name=topic, data=b"\xfb\xff", attributes={"a": "1"})
    made = client.create_job(
        parent=PARENT, job=job_of(fresh_name, http_target=None, pubsub_target=target)
    )
    assert client.get_job(name=made.name).pubsub_target == target
    client.run_job(name=made.name)
    (got,) = emulator.post(f"/v1/{mine}:pull", {"maxMessages": 1}).json["receivedMessages"]
    assert (got["message"]["data"], got["message"]["attributes"]) == ("+/8=", {"a": "1"})
    client.delete_job(name=made.name)


def test_the_same_over_grpc(client, job: scheduler_v1.Job, emulator) -> None:
    address = json.loads((emulator.data / "emulator.json").read_text())["grpc"]
    with grpc.insecure_channel(address) as channel:
        wire = CloudSchedulerGrpcTransport(channel=channel)
        other = scheduler_v1.CloudSchedulerClient(transport=wire)
        assert other.get_job(name=job.name) == job
        wish = scheduler_v1.Job(name=job.name, description="told")
        mask = field_mask_pb2.FieldMask(paths=["description"])
        assert other.update_job(job=wish, update_mask=mask).description == "told"
        assert other.pause_job(name=job.name).state == scheduler_v1.Job.State.PAUSED
        made = other.create_job(parent=PARENT, job=job_of(f"{job.name[-6:]}-grpc"))
        other.delete_job(name=made.name)
        with pytest.raises(exceptions.NotFound, match="Job not found"):
            other.get_job(name=made.name)


def test_who_may_make_jobs(emulator, job: scheduler_v1.Job) -> None:
    account = emulator.account("no-scheduler")
    token = emulator.token_of(account)
    refused = emulator.get(f"/v1/{PARENT}/jobs", Authorization=token)
    assert refused.code == 403
    assert "cloudscheduler.jobs.list" in refused.message
    assert emulator.call("DELETE", f"/v1/{job.name}", Authorization=token).code == 403
