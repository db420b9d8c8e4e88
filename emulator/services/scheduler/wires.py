"""Cloud Scheduler v1 on the REST port and the gRPC port."""

from __future__ import annotations

from typing import Any

from emulator.cloud import Cloud, Service
from emulator.drive.build import hosts_of
from emulator.drive.network import Network
from emulator.drive.outside import Outside
from emulator.rpc import grpc, rest
from emulator.rpc.grpc import EMPTY, Rpc
from emulator.rpc.method import Method
from emulator.services.pubsub import exchange_of
from emulator.services.scheduler.api import SchedulerApi
from emulator.services.scheduler.attempt import LARGEST_ANSWER
from emulator.services.scheduler.targets import Targets
from emulator.services.scheduler.ticker import Ticker

PARENT = "{parent=projects/*/locations/*}"
NAME = "{name=projects/*/locations/*/jobs/*}"
MESSAGES = "google.cloud.scheduler_v1.types"


def service(cloud: Cloud) -> Service:
    network = Network(cloud, Outside(), hosts_of(cloud), LARGEST_ANSWER)
    ticker = Ticker(cloud, Targets(network, cloud.identity, exchange_of(cloud)))
    api = SchedulerApi(cloud, ticker)
    return Service(
        "scheduler",
        rest.routes(methods(api), cloud.identity),
        ticker.start,
        ticker.stop,
        grpc=lambda: _grpc(cloud, api),
    )


def methods(api: SchedulerApi) -> list[Method]:
    """As google/cloud/scheduler/v1/cloudscheduler.proto has them."""
    update = "/v1/{job.name=projects/*/locations/*/jobs/*}"
    return [
        Method("ListJobs", "GET", f"/v1/{PARENT}/jobs", api.list_jobs),
        Method("CreateJob", "POST", f"/v1/{PARENT}/jobs", api.create, body="job"),
        Method("PauseJob", "POST", f"/v1/{NAME}:pause", api.pause, body="*"),
        Method("ResumeJob", "POST", f"/v1/{NAME}:resume", api.resume, body="*"),
        Method("RunJob", "POST", f"/v1/{NAME}:run", api.run, body="*"),
        Method("GetJob", "GET", f"/v1/{NAME}", api.get),
        Method("UpdateJob", "PATCH", update, api.update, body="job"),
        Method("DeleteJob", "DELETE", f"/v1/{NAME}", api.delete),
    ]


def _grpc(cloud: Cloud, api: SchedulerApi) -> list[Any]:
    job, listed = f"{MESSAGES}.Job", f"{MESSAGES}.ListJobsResponse"
    rpcs = {
        "ListJobs": Rpc(api.list_jobs, f"{MESSAGES}.ListJobsRequest", listed),
        "GetJob": Rpc(api.get, f"{MESSAGES}.GetJobRequest", job),
        "CreateJob": Rpc(api.create, f"{MESSAGES}.CreateJobRequest", job),
        "UpdateJob": Rpc(api.update, f"{MESSAGES}.UpdateJobRequest", job),
        "DeleteJob": Rpc(api.delete, f"{MESSAGES}.DeleteJobRequest", EMPTY),
        "PauseJob": Rpc(api.pause, f"{MESSAGES}.PauseJobRequest", job),
        "ResumeJob": Rpc(api.resume, f"{MESSAGES}.ResumeJobRequest", job),
        "RunJob": Rpc(api.run, f"{MESSAGES}.RunJobRequest", job),
    }
    return [grpc.handler("google.cloud.scheduler.v1.CloudScheduler", rpcs, cloud.identity)]
