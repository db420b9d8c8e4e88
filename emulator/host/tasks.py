"""Attempts of a job's tasks as processes: what image they are of, how they run and how they end.

An image is that of a deployed function, as Cloud Run shows it for the function's service; its
build is what the task gets: the same libraries, and the bundle as its working directory.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import shutil
import signal
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator.cloud import Cloud
from emulator.errors import ApiError
from emulator.host.errors import BuildError, StartError
from emulator.host.front import of
from emulator.host.instance import Instance, Sink
from emulator.host.launch import Launcher
from emulator.host.records import Revision, SecretVariable

IMAGE = re.compile(
    r"(?P<location>[a-z0-9-]+)-docker\.pkg\.dev/(?P<project>[^/]+)/[a-z0-9-]+/"
    r"(?P<name>[^:@/]+)(?::(?P<tag>[\w.-]+))?(?:@sha256:(?P<digest>[0-9a-f]{64}))?"
)
GRACE = 10.0
"""Seconds between SIGTERM and SIGKILL (Cloud Run: "Container runtime contract", jobs)."""
WATCH = 1.0
"""Seconds between two looks at a task's memory."""
OF_SERVICES = frozenset(
    ("FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE", "PORT", "K_SERVICE", "K_CONFIGURATION")
) | {"K_REVISION"}
IDENTITY = "job-identity"
"""Store: label of the metadata server → account and name of the execution that it is of."""


class ImageError(Exception):
    """An image that is not run here; the text says which are."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """All that one attempt of one task needs."""

    execution: str
    """Full name, `projects/P/locations/L/jobs/J/executions/E`."""
    image: str
    command: Sequence[str]
    account: str
    index: int
    number: int
    """From 0."""
    count: int
    """How many tasks the execution has."""
    timeout: float
    memory: int
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[SecretVariable, ...] = ()

    @property
    def short(self) -> str:
        return self.execution.rpartition("/")[2]

    @property
    def job(self) -> str:
        return self.execution.split("/")[5]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: exit code, or signal, or a reason why there was none."""

    code: int | None = None
    signal: int = 0
    message: str = ""
    cancelled: bool = False

    @property
    def good(self) -> bool:
        return self.code == 0 and not self.cancelled


def source_of(cloud: Cloud, image: str) -> tuple[str, Mapping[str, str]]:
    """Digest of the build behind an image, and the build's environment variables."""
    match = IMAGE.fullmatch(image)
    if match is None:
        raise ImageError(unsupported(image))
    host = of(cloud)
    name = match["name"].rpartition("__")[2].replace("--", "-").replace("_", "-")
    service = f"projects/{match['project']}/locations/{match['location']}/services/{name}"
    serving = host.records.serving(service)
    digest = match["digest"] or (serving.source if serving else "")
    if not digest or not host.workshop.source(digest).exists():
        raise ImageError(unsupported(image))
    return digest, serving.build_variables if serving else {}


def unsupported(image: str) -> str:
    return (
        f"Image '{image}' not found. Here jobs run only images of deployed functions: "
        "LOCATION-docker.pkg.dev/PROJECT/gcf-artifacts/FUNCTION, with a tag or a digest, as "
        "Cloud Run shows it for the function's service (template.containers[0].image)."
    )


def label_of(execution: str) -> str:
    """Under which the metadata server knows an execution; no service's id is that long."""
    return execution.rpartition("/")[2]


def revision_of(cloud: Cloud, attempt: Attempt) -> Revision:
    """What the launcher wants to know of a function, of a task."""
    source, build_variables = source_of(cloud, attempt.image)
    parent = attempt.execution.partition("/jobs/")[0]
    return Revision(
        name=attempt.short,
        service=f"{parent}/executions/{attempt.short}",
        source=source,
        file="",
        target="",
        account=attempt.account,
        build_variables=build_variables,
        variables=attempt.variables,
        secrets=attempt.secrets,
    )


class TaskProcess:
    """One attempt, from its start to its end."""

    def __init__(self, cloud: Cloud, attempt: Attempt) -> None:
        self._cloud = cloud
        self._attempt = attempt
        self._instance: Instance | None = None
        self._cancelled = False

    async def run(self) -> Outcome:
        """Never raises for what a task can do wrong."""
        sink = log_of(self._cloud, self._attempt)
        home = Path(tempfile.mkdtemp(prefix="blocklift-"))
        try:
            return await self._run(sink, home)
        except (ApiError, BuildError, StartError, ImageError) as error:
            sink("varlog/system", {"severity": "ERROR", "textPayload": str(error)})
            return Outcome(message=str(error))
        finally:
            if self._instance:
                self._instance.kill()
            shutil.rmtree(home, ignore_errors=True)

    async def _run(self, sink: Sink, home: Path) -> Outcome:
        launcher: Launcher = self._cloud.parts["launcher"]
        fork, config = await launcher.fork(revision_of(self._cloud, self._attempt))
        instance = self._instance = Instance(fork, sink, lambda _: None)
        environment = environment_of(self._attempt, config["environment"], home)
        command = list(self._attempt.command)
        await instance.start({**config, "environment": environment, "command": command})
        if self._cancelled:
            await end(instance)
        in_time = await self._until_end(instance)
        code = os.waitstatus_to_exitcode(fork.ended.result())
        if self._cancelled:
            return Outcome(code, cancelled=True, message="The execution was cancelled.")
        if not in_time:
            return Outcome(message="The configured timeout was reached.", signal=max(0, -code))
        return Outcome(code) if code >= 0 else Outcome(signal=-code)

    async def _until_end(self, instance: Instance) -> bool:
        """False when the time was up first."""
        watching = asyncio.create_task(self._watch_memory(instance))
        try:
            await asyncio.wait_for(instance.ended(), self._attempt.timeout)
        except TimeoutError:
            await end(instance)
            return False
        finally:
            watching.cancel()
        return True

    async def _watch_memory(self, instance: Instance) -> None:
        while self._cloud.settings.strict_limits:
            instance.kill_for_memory(self._attempt.memory)
            await asyncio.sleep(WATCH)

    async def cancel(self) -> None:
        self._cancelled = True
        if self._instance:
            await end(self._instance)


async def end(instance: Instance) -> None:
    """SIGTERM, and SIGKILL for who does not listen."""
    instance.stop(signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(instance.ended(), GRACE)
    instance.kill()
    await instance.ended()


def environment_of(attempt: Attempt, given: Mapping[str, str], home: Path) -> dict[str, str]:
    """Cloud Run: "Container runtime contract", environment variables for jobs."""
    kept = {name: value for name, value in given.items() if name not in OF_SERVICES}
    return {
        **kept,
        "HOME": str(home),
        "TMPDIR": str(home),
        "CLOUD_RUN_JOB": attempt.job,
        "CLOUD_RUN_EXECUTION": attempt.short,
        "CLOUD_RUN_TASK_INDEX": str(attempt.index),
        "CLOUD_RUN_TASK_ATTEMPT": str(attempt.number),
        "CLOUD_RUN_TASK_COUNT": str(attempt.count),
    }


def log_of(cloud: Cloud, attempt: Attempt) -> Sink:
    """LogEntries of `cloud_run_job`."""
    _, project, _, location, *_ = attempt.execution.split("/")
    resource = {"project_id": project, "location": location, "job_name": attempt.job}
    labels = {
        "instanceId": secrets.token_hex(32),
        "run.googleapis.com/execution_name": attempt.short,
        "run.googleapis.com/task_index": str(attempt.index),
        "run.googleapis.com/task_attempt": str(attempt.number),
    }

    def sink(stream: str, entry: dict[str, Any]) -> None:
        path = f"run.googleapis.com/{stream}".replace("/", "%2F")
        cloud.logs.write(
            {
                "severity": "DEFAULT",
                **entry,
                "labels": {**labels, **entry.pop("labels", {})},
                "logName": f"projects/{project}/logs/{path}",
                "resource": {"type": "cloud_run_job", "labels": resource},
            }
        )

    return sink


def remember(cloud: Cloud, execution: str, account: str) -> None:
    """From now on the metadata server answers for this execution as `account`."""
    cloud.store.put(IDENTITY, label_of(execution), {"account": account, "name": execution})


def forget(cloud: Cloud, execution: str) -> None:
    cloud.store.delete(IDENTITY, label_of(execution))


def account_of(cloud: Cloud, label: str) -> tuple[str, str] | None:
    """(service account, full name of the execution) behind a label of the metadata server."""
    found = cloud.store.get(IDENTITY, label.partition(".")[0].rpartition("-")[0])
    return (found["account"], found["name"]) if found else None
