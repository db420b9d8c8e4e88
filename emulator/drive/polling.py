"""What a connector waits for: the several shapes in which Google's APIs tell that work goes on.

Workflows: "Invoke a long-running operation". Each shape says whether an answer is about work
under way, where to ask again, and how it ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from emulator.drive.catalog import Operation
from emulator.workflows.effects import Failure

Value = Any
NUMBERS = frozenset({"timeout", "initial_delay", "multiplier", "max_delay"})


@dataclass(frozen=True, slots=True)
class Policy:
    """`connector_params`."""

    timeout: float = 1800.0
    initial_delay: float = 1.0
    multiplier: float = 1.25
    max_delay: float = 60.0
    skip_polling: bool = False

    @classmethod
    def of(cls, params: Mapping[str, Value] | None) -> Policy:
        given = params or {}
        numbers = {"timeout": given.get("timeout"), **(given.get("polling_policy") or {})}
        return cls(
            skip_polling=bool(given.get("skip_polling")),
            **{name: float(v) for name, v in numbers.items() if name in NUMBERS and v is not None},
        )

    def delay(self, attempt: int) -> float:
        """Before poll `attempt`, from 0."""
        return min(self.initial_delay * self.multiplier**attempt, self.max_delay)


class Shape(Protocol):
    """One way of telling that work goes on."""

    def applies(self, operation: Operation, answer: Value) -> bool: ...

    def url(self, operation: Operation, answer: Value) -> str:
        """Where to ask how it is going."""
        ...

    def done(self, answer: Value) -> bool: ...

    def result(self, answer: Value) -> Value: ...


class LongRunning:
    """google.longrunning.Operation: nearly all of Google's newer APIs."""

    def applies(self, operation: Operation, answer: Value) -> bool:
        return operation.answers.endswith("Operation") and "name" in answer

    def url(self, operation: Operation, answer: Value) -> str:
        return f"{operation.root}{operation.version}/{answer['name']}"

    def done(self, answer: Value) -> bool:
        return bool(answer.get("done"))

    def result(self, answer: Value) -> Value:
        if error := answer.get("error"):
            return failed(answer, error, error.get("message", ""))
        response = answer.get("response")
        if response is None:
            return answer
        if not isinstance(response, dict):
            return Failure("the operation's response is not a map", ("ResponseTypeError",))
        return {key: value for key, value in response.items() if key != "@type"}


class BigQueryJob:
    """bigquery.v2: a job, or a query that turned into one."""

    def applies(self, operation: Operation, answer: Value) -> bool:
        return operation.name in {"bigquery.jobs.insert", "bigquery.jobs.query"}

    def url(self, operation: Operation, answer: Value) -> str:
        job = answer["jobReference"]
        collection = "queries" if "jobComplete" in answer else "jobs"
        location = f"?location={job['location']}" if job.get("location") else ""
        base = f"{operation.root}bigquery/v2/projects/{job['projectId']}"
        return f"{base}/{collection}/{job['jobId']}{location}"

    def done(self, answer: Value) -> bool:
        if "jobComplete" in answer:
            return bool(answer["jobComplete"])
        return bool(answer.get("status", {}).get("state") == "DONE")

    def result(self, answer: Value) -> Value:
        if error := answer.get("status", {}).get("errorResult"):
            return failed(answer, error, error.get("message", ""))
        return answer


class RunExecution:
    """run.v1: an execution of a Cloud Run job; conditions tell how it is."""

    def applies(self, operation: Operation, answer: Value) -> bool:
        return operation.name == "run.namespaces.jobs.run"

    def url(self, operation: Operation, answer: Value) -> str:
        metadata = answer["metadata"]
        path = f"namespaces/{metadata['namespace']}/executions/{metadata['name']}"
        return f"{operation.root}apis/run.googleapis.com/v1/{path}"

    def done(self, answer: Value) -> bool:
        return self._completed(answer).get("status") in {"True", "False"}

    def result(self, answer: Value) -> Value:
        completed = self._completed(answer)
        if completed.get("status") == "False":
            return failed(answer, completed, completed.get("message", ""))
        return answer

    def _completed(self, answer: Value) -> Mapping[str, Value]:
        conditions = answer.get("status", {}).get("conditions", [])
        return next((c for c in conditions if c.get("type") == "Completed"), {})


SHAPES: tuple[Shape, ...] = (BigQueryJob(), RunExecution(), LongRunning())


def shape_of(operation: Operation, answer: Value) -> Shape | None:
    """None when the answer is all there is."""
    if not isinstance(answer, dict):
        return None
    return next((shape for shape in SHAPES if shape.applies(operation, answer)), None)


def failed(operation: Value, error: Value, message: str) -> Failure:
    fields = {"operation": operation, "error": error}
    return Failure(message or "the operation failed", ("OperationError",), fields)
