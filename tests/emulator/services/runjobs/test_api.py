"""Cloud Run jobs as Google's own client sees them; every task is a process."""

from __future__ import annotations

import time

import pytest
from google.api_core import exceptions
from google.cloud import run_v2
from google.iam.v1 import iam_policy_pb2, policy_pb2

from tests.emulator.conftest import PROJECT, Emulator
from tests.emulator.services.runjobs.conftest import PARENT, Cloud

State = run_v2.Condition.State
Reason = run_v2.Condition.ExecutionReason


def completed(document: run_v2.Execution | run_v2.Task) -> run_v2.Condition:
    return next(one for one in document.conditions if one.type_ == "Completed")


def code(text: str) -> tuple[str, str, str]:
    return "python", "-c", text


def test_a_job_is_created_shown_changed_listed_and_deleted(
    cloud: Cloud, image: str, fresh_name: str
) -> None:
    made = cloud.create(fresh_name, *code("pass"), image=image)
    assert made.name == f"{PARENT}/jobs/{fresh_name}"
    assert made.template.task_count == 1
    assert made.template.template.timeout.seconds == 600
    assert made.template.template.containers[0].resources.limits["memory"] == "512Mi"
    assert made.terminal_condition.state == State.CONDITION_SUCCEEDED
    assert cloud.jobs.get_job(name=made.name) == made
    assert made.name in [one.name for one in cloud.jobs.list_jobs(parent=PARENT)]

    made.template.task_count = 3
    changed = cloud.jobs.update_job(job=made).result(timeout=20)
    assert (changed.generation, changed.template.task_count) == (2, 3)
    with pytest.raises(exceptions.Conflict, match="etag"):
        cloud.jobs.update_job(job=made)

    cloud.jobs.delete_job(name=made.name).result(timeout=20)
    with pytest.raises(exceptions.NotFound):
        cloud.jobs.get_job(name=made.name)
    with pytest.raises(exceptions.NotFound):
        cloud.jobs.run_job(name=made.name)


def test_every_mistake_is_told_at_once(cloud: Cloud, fresh_name: str) -> None:
    with pytest.raises(exceptions.BadRequest) as caught:
        cloud.create(
            fresh_name,
            image="",
            task_count=10_001,
            max_retries=11,
            env=[run_v2.EnvVar(name="CLOUD_RUN_JOB", value="x"), run_v2.EnvVar(name="1")],
        )
    for part in ("task_count", "max_retries", "image: must be set", "reserved", "'1' is not valid"):
        assert part in str(caught.value)
    with pytest.raises(exceptions.BadRequest, match="lower case"):
        cloud.create("Big", image="x")
    with pytest.raises(exceptions.Conflict):
        cloud.create(fresh_name, image="anything")
        cloud.create(fresh_name, image="anything")


def test_a_task_runs_in_the_bundle_with_its_arguments(
    cloud: Cloud, image: str, fresh_name: str
) -> None:
    job = cloud.create(fresh_name, "python", "-m", "work.say", "a", "b c", image=image)
    execution = cloud.run(job)
    assert completed(execution).state == State.CONDITION_SUCCEEDED
    assert execution.succeeded_count == 1
    assert execution.start_time <= execution.completion_time
    said = next(e for e in cloud.log(execution) if "jsonPayload" in e)
    assert said["jsonPayload"] == {"message": "said", "args": ["a", "b c"], "name": "__main__"}
    assert said["severity"] == "NOTICE"
    assert said["labels"]["mine"] == "1"
    assert said["resource"]["labels"] == {
        "project_id": PROJECT,
        "location": "europe-west1",
        "job_name": fresh_name,
    }
    latest = cloud.jobs.get_job(name=job.name).latest_created_execution
    assert latest.name == execution.name.rpartition("/")[2]
    assert latest.completion_status.name == "EXECUTION_SUCCEEDED"


def test_tasks_know_their_place_and_overrides_hold_for_one_execution(
    cloud: Cloud, image: str, fresh_name: str
) -> None:
    names = ("MODE", "CLOUD_RUN_JOB", "CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_COUNT", "K_SERVICE")
    env = [run_v2.EnvVar(name="MODE", value="plain"), run_v2.EnvVar(name="KEPT", value="1")]
    job = cloud.create(fresh_name, "python", "told.py", *names, image=image, env=env)
    override = run_v2.RunJobRequest.Overrides.ContainerOverride(
        args=["python", "told.py", *names, "KEPT"], env=[run_v2.EnvVar(name="MODE", value="new")]
    )
    execution = cloud.run(job, task_count=2, container_overrides=[override])
    printed = cloud.printed(execution)
    assert sorted(printed) == sorted(
        ["MODE new", f"CLOUD_RUN_JOB {fresh_name}", "CLOUD_RUN_TASK_COUNT 2", "K_SERVICE None"] * 2
        + ["KEPT 1"] * 2
        + ["CLOUD_RUN_TASK_INDEX 0", "CLOUD_RUN_TASK_INDEX 1"]
    )
    tasks = list(cloud.tasks.list_tasks(parent=execution.name))
    assert [(one.index, completed(one).state) for one in tasks] == [
        (0, State.CONDITION_SUCCEEDED),
        (1, State.CONDITION_SUCCEEDED),
    ]
    assert cloud.tasks.get_task(name=tasks[1].name).index == 1
    assert "MODE plain" in cloud.printed(cloud.run(job))


def test_a_failing_task_is_retried_and_then_fails_its_execution(
    cloud: Cloud, image: str, fresh_name: str
) -> None:
    text = (
        "import os, sys\n"
        "print('attempt', os.environ['CLOUD_RUN_TASK_ATTEMPT'], flush=True)\n"
        "sys.exit(os.environ['CLOUD_RUN_TASK_INDEX'] == '1' and 7)"
    )
    job = cloud.create(fresh_name, *code(text), image=image, task_count=2, max_retries=2)
    operation = cloud.jobs.run_job(name=job.name)
    short = operation.metadata.name.rpartition("/")[2]
    message = f"Task {short}-task1 failed with message: The container exited with an error."
    with pytest.raises(exceptions.GoogleAPICallError, match=message):
        operation.result(timeout=40)
    execution = cloud.executions.get_execution(name=operation.metadata.name)
    assert completed(execution).execution_reason == Reason.NON_ZERO_EXIT_CODE
    counts = (execution.succeeded_count, execution.failed_count, execution.retried_count)
    assert counts == (1, 1, 2)
    assert execution.running_count == 0
    assert sorted(cloud.printed(execution)) == ["attempt 0", "attempt 0", "attempt 1", "attempt 2"]
    failed = cloud.tasks.get_task(name=f"{execution.name}/tasks/{short}-task1")
    assert (failed.retried, failed.last_attempt_result.exit_code) == (2, 7)


def test_a_retry_may_mend_it(cloud: Cloud, image: str, fresh_name: str) -> None:
    text = "import os; os.environ['CLOUD_RUN_TASK_ATTEMPT'] == '0' and os.abort()"
    execution = cloud.run(cloud.create(fresh_name, *code(text), image=image, max_retries=1))
    assert completed(execution).state == State.CONDITION_SUCCEEDED
    assert execution.retried_count == 1
    task = next(iter(cloud.tasks.list_tasks(parent=execution.name)))
    assert task.last_attempt_result.exit_code == 0


def test_a_task_beyond_its_timeout_is_ended(cloud: Cloud, image: str, fresh_name: str) -> None:
    text = "import signal, sys, threading as t\n"
    text += "signal.signal(signal.SIGTERM, lambda *_: (print('term', flush=True), sys.exit(3)))\n"
    text += "t.Event().wait()"
    execution = cloud.run(
        cloud.create(fresh_name, *code(text), image=image), timeout={"seconds": 1}
    )
    assert "The configured timeout was reached." in completed(execution).message
    assert cloud.printed(execution) == ["term"]


def test_an_execution_is_cancelled(cloud: Cloud, image: str, fresh_name: str) -> None:
    text = "print('up', flush=True); import time; time.sleep(600)"
    job = cloud.create(fresh_name, *code(text), image=image, task_count=3, parallelism=1)
    operation = cloud.jobs.run_job(name=job.name)
    name = operation.metadata.name
    deadline = time.monotonic() + 20
    while not cloud.printed(cloud.executions.get_execution(name=name)):
        assert time.monotonic() < deadline
    execution = cloud.executions.cancel_execution(name=name).result(timeout=20)
    assert completed(execution).execution_reason == Reason.CANCELLED
    assert execution.cancelled_count == 3
    with pytest.raises(exceptions.Cancelled):
        operation.result(timeout=20)
    cloud.executions.delete_execution(name=name).result(timeout=20)
    assert not list(cloud.executions.list_executions(parent=job.name))


def test_secrets_are_read_as_the_jobs_account_when_a_task_starts(
    cloud: Cloud, emulator: Emulator, image: str, fresh_name: str
) -> None:
    account = emulator.account("job-reader")
    secrets = f"/v1/projects/{PROJECT}/secrets"
    emulator.post(f"{secrets}?secretId={fresh_name}", {"replication": {"automatic": {}}})
    emulator.post(f"{secrets}/{fresh_name}:addVersion", {"payload": {"data": "aHVzaA=="}})
    reference = run_v2.SecretKeySelector(secret=fresh_name, version="latest")
    env = [run_v2.EnvVar(name="S", value_source=run_v2.EnvVarSource(secret_key_ref=reference))]
    job = cloud.create(
        fresh_name, "python", "told.py", "S", image=image, env=env, service_account=account
    )
    refused = cloud.run(job)
    assert "secretmanager.versions.access" in completed(refused).message

    binding = {
        "role": "roles/secretmanager.secretAccessor",
        "members": [f"serviceAccount:{account}"],
    }
    emulator.post(f"{secrets}/{fresh_name}:setIamPolicy", {"policy": {"bindings": [binding]}})
    execution = cloud.run(job)
    assert cloud.printed(execution) == ["S hush"]
    for shown in (job, execution):
        assert "hush" not in str(shown)


def test_a_task_is_its_own_service_account(
    cloud: Cloud, emulator: Emulator, image: str, fresh_name: str
) -> None:
    account = emulator.account("job-worker")
    text = (
        "import os, urllib.request as u\n"
        "url = f\"http://{os.environ['GCE_METADATA_HOST']}/computeMetadata/v1/instance/"
        'service-accounts/default/email"\n'
        "print(u.urlopen(u.Request(url, headers={'Metadata-Flavor': 'Google'})).read().decode())"
    )
    job = cloud.create(fresh_name, *code(text), image=image, service_account=account)
    assert cloud.printed(cloud.run(job)) == [account]


@pytest.mark.parametrize(
    ("chosen", "args", "word"),
    [
        ("docker.io/library/busybox", ("python", "-c", "1"), "images of deployed functions"),
        ("", ("sh", "-c", "true"), "must run Python"),
        ("", (), "must run Python"),
    ],
)
def test_what_cannot_run_here_is_refused_when_it_is_run(
    cloud: Cloud, image: str, fresh_name: str, chosen: str, args: tuple[str, ...], word: str
) -> None:
    job = cloud.create(fresh_name, *args, image=chosen or image)
    with pytest.raises(exceptions.BadRequest, match=word):
        cloud.jobs.run_job(name=job.name)


def test_running_is_a_right_and_overriding_another(
    cloud: Cloud, emulator: Emulator, image: str, fresh_name: str
) -> None:
    account = emulator.account("job-runner")
    job = cloud.create(fresh_name, *code("pass"), image=image)
    token = emulator.token_of(account)
    run, change = {}, {"overrides": {"taskCount": 2}}
    assert emulator.post(f"/v2/{job.name}:run", run, authorization=token).code == 403

    def grant(role: str) -> None:
        policy = cloud.jobs.get_iam_policy(iam_policy_pb2.GetIamPolicyRequest(resource=job.name))
        member = f"serviceAccount:{account}"
        policy.bindings.append(policy_pb2.Binding(role=role, members=[member]))
        cloud.jobs.set_iam_policy(
            iam_policy_pb2.SetIamPolicyRequest(resource=job.name, policy=policy)
        )

    grant("roles/run.invoker")
    assert emulator.post(f"/v2/{job.name}:run", run, authorization=token).code == 200
    refused = emulator.post(f"/v2/{job.name}:run", change, authorization=token)
    assert "run.jobs.runWithOverrides" in refused.message
    grant("roles/run.jobsExecutorWithOverrides")
    assert emulator.post(f"/v2/{job.name}:run", change, authorization=token).code == 200


def test_validate_only_changes_nothing(emulator: Emulator, image: str, fresh_name: str) -> None:
    template = {"template": {"containers": [{"image": image}]}}
    path = f"/v2/{PARENT}/jobs?jobId={fresh_name}&validateOnly=true"
    assert emulator.post(path, {"template": template}).json["done"]
    assert emulator.get(f"/v2/{PARENT}/jobs/{fresh_name}").code == 404
