"""A function that is really built, and jobs of its image through Google's own client."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import run_v2

from tests.emulator.conftest import PROJECT, Emulator

PARENT = f"projects/{PROJECT}/locations/europe-west1"
MAIN = "def hello(request):\n    return 'hello'\n"


class Cloud:
    """What tests say to an emulator about jobs."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        options = {
            "transport": "rest",
            "client_options": ClientOptions(api_endpoint=emulator.url),
            "credentials": AnonymousCredentials(),
        }
        self.jobs = run_v2.JobsClient(**options)
        self.executions = run_v2.ExecutionsClient(**options)
        self.tasks = run_v2.TasksClient(**options)

    def close(self) -> None:
        for client in (self.jobs, self.executions, self.tasks):
            client.transport.close()

    def image(self, function: str, files: Mapping[str, str | bytes], entry: str = "hello") -> str:
        """Of a function that is deployed for it, as Cloud Run shows it."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, content in {"main.py": MAIN, **files}.items():
                archive.writestr(name, content)
        upload = self.emulator.post(f"/v2/{PARENT}/functions:generateUploadUrl", {}).json
        path = upload["uploadUrl"].removeprefix(self.emulator.url)
        sent = self.emulator.call("PUT", path, packed.getvalue(), content_type="application/zip")
        assert sent.code == 200, sent.body
        source = {"storageSource": upload["storageSource"]}
        build = {"runtime": "python311", "entryPoint": entry, "source": source}
        made = self.emulator.post(
            f"/v2/{PARENT}/functions?functionId={function}", {"buildConfig": build}
        )
        while not (done := self.emulator.get(f"/v2/{made.json['name']}").json).get("done"):
            pass
        assert "error" not in done, done
        service = self.emulator.get(f"/v2/{PARENT}/services/{function}").json
        return str(service["template"]["containers"][0]["image"])

    def create(self, name: str, *args: str, image: str, **fields: Any) -> run_v2.Job:
        """`fields`: env, task_count, parallelism, and those of a TaskTemplate."""
        container = run_v2.Container(
            image=image, command=["launcher"], args=list(args), env=fields.pop("env", [])
        )
        counts = {f: fields.pop(f) for f in ("task_count", "parallelism") if f in fields}
        task = run_v2.TaskTemplate(containers=[container], **{"max_retries": 0, **fields})
        job = run_v2.Job(template=run_v2.ExecutionTemplate(template=task, **counts))
        made = self.jobs.create_job(parent=PARENT, job=job, job_id=name)
        return made.result(timeout=20)

    def run(self, job: run_v2.Job, **overrides: Any) -> run_v2.Execution:
        """Its execution, at its end, however that was."""
        asked = run_v2.RunJobRequest(name=job.name)
        if overrides:
            asked.overrides = run_v2.RunJobRequest.Overrides(**overrides)
        operation = self.jobs.run_job(request=asked)
        operation.exception(timeout=40)
        return self.executions.get_execution(name=operation.metadata.name)

    def log(self, execution: run_v2.Execution) -> list[dict[str, Any]]:
        short = execution.name.rpartition("/")[2]
        asked = {
            "resourceNames": [f"projects/{PROJECT}"],
            "filter": f'resource.type="cloud_run_job" AND labels."run.googleapis.com/'
            f'execution_name"="{short}"',
        }
        return list(self.emulator.post("/v2/entries:list", asked).json.get("entries", []))

    def printed(self, execution: run_v2.Execution) -> list[str]:
        found = [e for e in self.log(execution) if e["logName"].endswith("%2Fstdout")]
        return [entry["textPayload"] for entry in found]


@pytest.fixture(scope="session")
def cloud(emulator: Emulator) -> Iterator[Cloud]:
    made = Cloud(emulator)
    yield made
    made.close()


@pytest.fixture(scope="session")
def image(cloud: Cloud) -> str:
    return cloud.image("job-image", {"work/__init__.py": "", "work/say.py": SAY, "told.py": TOLD})


SAY = """
import json, os, sys
print(json.dumps({"message": "said", "args": sys.argv[1:], "name": __name__,
                  "severity": "NOTICE", "logging.googleapis.com/labels": {"mine": "1"}}))
"""
TOLD = "import os, sys\nfor name in sys.argv[1:]:\n    print(name, os.environ.get(name))\n"
