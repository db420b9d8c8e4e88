"""An emulator that is killed in the middle of a job, and started again on the same data."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3
from google.cloud import run_v2

from tests.emulator.conftest import ROOT, Emulator
from tests.emulator.services.runjobs.conftest import Cloud

SLOW_AT_FIRST = """
import os, pathlib, time
attempt = os.environ['CLOUD_RUN_TASK_ATTEMPT']
print('attempt', attempt, flush=True)
time.sleep(600 if attempt == '0' else 0)
"""


@contextmanager
def emulator_at(data: Path) -> Iterator[tuple[Cloud, Callable[[], None]]]:
    """A running one, and what kills it with -9."""
    command = [sys.executable, "-m", "emulator", "start", "--port=0", "--grpc-port=0"]
    with subprocess.Popen(
        [*command, f"--data={data}"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
    ) as child:
        assert child.stdout is not None
        url = child.stdout.readline().decode().split()[2].rstrip(",")
        http = urllib3.PoolManager()
        cloud = Cloud(Emulator(url, data, http))
        try:
            yield cloud, child.kill
        finally:
            cloud.close()
            http.clear()
            child.terminate()


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it never came true"


def test_what_ran_when_the_emulator_was_killed_is_retried_or_failed(tmp_path: Path) -> None:
    with emulator_at(tmp_path) as (cloud, kill):
        image = cloud.image("maker", {"slow.py": SLOW_AT_FIRST})
        jobs = {
            name: cloud.create(name, "python", "slow.py", image=image, max_retries=retries)
            for name, retries in {"again": 1, "once": 0}.items()
        }
        operations = {name: cloud.jobs.run_job(name=job.name) for name, job in jobs.items()}
        names = {name: one.metadata.name for name, one in operations.items()}
        for name in names.values():
            until(lambda n=name: cloud.printed(run_v2.Execution(name=n)))
        kill()
    with emulator_at(tmp_path) as (cloud, _):
        ended = {}
        for name, operation in operations.items():
            path = f"/v2/{operation.operation.name}"
            until(lambda p=path: cloud.emulator.get(p).json.get("done"))
            ended[name] = cloud.emulator.get(path).json
        again = cloud.executions.get_execution(name=names["again"])
        assert (again.succeeded_count, again.retried_count) == (1, 1)
        assert ended["again"]["response"]["name"] == again.name
        assert cloud.printed(again) == ["attempt 0", "attempt 1"]
        once = cloud.executions.get_execution(name=names["once"])
        assert (once.failed_count, once.running_count) == (1, 0)
        assert "The emulator ended while the task ran." in ended["once"]["error"]["message"]
