"""One resource of each sort, as a small project needs them."""

from __future__ import annotations

from deployer.bundle import Bundle
from deployer.options import Options
from deployer.resources import (
    Access,
    Account,
    Bucket,
    Event,
    Function,
    Grant,
    Job,
    Resource,
    Schedule,
    Secret,
    Workflow,
    key,
)
from deployer.target import Target

TARGET = Target("prod", "shop-prod", "europe-west1", "shop-artifacts", build_account="b@x.y")
RUNNER = Account("daily-run", "daily-run@shop-prod.iam.gserviceaccount.com", "runs", "daily")
PLANTED = "hunter2-of-the-planted-secret"
BUCKET = Bucket("shop-artifacts", "europe-west1")
SECRET = Secret("shop-PASSWORD", "PASSWORD", PLANTED)
READS = Access(
    "secret",
    "shop-PASSWORD",
    (
        Grant("roles/secretmanager.secretAccessor", RUNNER.member),
        Grant("roles/secretmanager.secretAccessor", "serviceAccount:other@x.y"),
    ),
    needs=frozenset({key(SECRET), key(RUNNER)}),
)
OWN_RUNS = 'resource.name.startsWith("projects/_/buckets/b/objects/runs/${x}")'
STORES = Access(
    "bucket",
    "shop-artifacts",
    (Grant("roles/storage.objectUser", RUNNER.member, OWN_RUNS, "what it leaves"),),
    needs=frozenset({key(BUCKET)}),
)
CALLS = Access("project", "shop-prod", (Grant("roles/logging.logWriter", RUNNER.member),))
FUNCTION = Function(
    "daily-load",
    "daily/load",
    Bundle("daily-load", {"main.py": b"pass\n"}, (), ("PASSWORD",)),
    Options(timeout=7200, memory="256Mi", cpu="0.5"),
    RUNNER.email,
    (("PASSWORD", "shop-PASSWORD"),),
    pipeline="daily",
    needs=frozenset({key(RUNNER), key(SECRET), key(READS)}),
)
JOB = Job("daily-load", "daily/load", FUNCTION, 7200, frozenset({key(FUNCTION)}))
INVOKES = Access(
    "service", "daily-load", (Grant("roles/run.invoker", RUNNER.member),), "daily",
    frozenset({key(FUNCTION)}),
)  # fmt: skip
WORKFLOW = Workflow(
    "daily", "daily", "main:\n  steps: []\n", RUNNER.email, "Says ${hello}", "daily",
    frozenset({key(JOB), key(INVOKES), key(STORES)}),
)  # fmt: skip
SCHEDULE = Schedule(
    "daily-morning", "daily/morning", "0 6 * * *", "https://workflowexecutions.googleapis.com/v1/x",
    '{"variables": {"n": "${1}"}}', RUNNER.email, True, "daily", frozenset({key(WORKFLOW)}),
)  # fmt: skip
EVENT = Event(
    "on-daily-file",
    "daily/file",
    "google.cloud.storage.object.v1.finalized",
    "shop-arrivals",
    "main: {steps: []}",
    RUNNER.email,
    "daily",
    frozenset({key(WORKFLOW), key(RUNNER)}),
)
EVERYTHING: tuple[Resource, ...] = (
    BUCKET, RUNNER, SECRET, READS, STORES, CALLS, FUNCTION, JOB, INVOKES, WORKFLOW, SCHEDULE,
    EVENT,
)  # fmt: skip
