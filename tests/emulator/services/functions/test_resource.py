"""The rules of a function's fields, without an emulator."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.errors import ApiError
from emulator.services.functions import resource

GOOD: dict[str, Any] = {
    "buildConfig": {
        "runtime": "python311",
        "entryPoint": "hello",
        "source": {"storageSource": {"bucket": "b", "object": "o"}},
    }
}


def with_service(**fields: Any) -> dict[str, Any]:
    return {**GOOD, "serviceConfig": fields}


def test_a_good_function_has_no_problems() -> None:
    assert not list(resource.problems(GOOD))
    assert not list(resource.problems(with_service(availableMemory="1Gi", timeoutSeconds=3600)))


def test_every_problem_is_told_at_once() -> None:
    bad = {
        "buildConfig": {"runtime": "python27"},
        "serviceConfig": {"timeoutSeconds": 4000, "environmentVariables": {"PORT": "1"}},
        "labels": {"Upper": "x"},
    }
    with pytest.raises(ApiError) as error:
        resource.check(bad)
    assert len(error.value.details[0]["fieldViolations"]) == 6


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"availableMemory": "much"}, "not a quantity"),
        ({"availableMemory": "64Mi"}, "between 128Mi and 32Gi"),
        ({"timeoutSeconds": "60"}, "must be a number"),
        ({"maxInstanceRequestConcurrency": 8}, "Total cpu < 1"),
        ({"minInstanceCount": 5, "maxInstanceCount": 2}, "min_instance_count"),
        ({"environmentVariables": {"1X": ""}}, "not valid"),
        (
            {
                "environmentVariables": {"A": ""},
                "secretEnvironmentVariables": [{"key": "A", "secret": "s", "version": "1"}],
            },
            "set twice",
        ),
    ],
)
def test_service_rules(fields: dict[str, Any], said: str) -> None:
    [problem] = resource.problems(with_service(**fields))
    assert said in problem


@pytest.mark.parametrize("name", ["a", "load-data", "Load_Data1", "a" * 63])
def test_good_ids(name: str) -> None:
    assert resource.id_problem(name) is None


@pytest.mark.parametrize("name", ["", "1a", "a-", "_a", "a b", "a" * 64, "é"])
def test_bad_ids(name: str) -> None:
    assert resource.id_problem(name)


def test_service_names_follow_from_function_names() -> None:
    name = "projects/p/locations/l/functions/Load_Data"
    assert resource.service_of(name) == "projects/p/locations/l/services/load-data"


def test_defaults_are_googles() -> None:
    full = resource.with_defaults("projects/p/locations/l/functions/f", GOOD)
    config = full["serviceConfig"]
    assert (config["availableMemory"], config["availableCpu"]) == ("256M", ".167")
    assert (config["timeoutSeconds"], config["maxInstanceRequestConcurrency"]) == (60, 1)
    assert config["serviceAccountEmail"].endswith("-compute@developer.gserviceaccount.com")
    assert full["url"] == "https://l-p.cloudfunctions.net/f"


def test_enums_may_come_as_numbers() -> None:
    kept = resource.settable({"serviceConfig": {"ingressSettings": 2}, "state": 1})
    assert kept == {"serviceConfig": {"ingressSettings": "ALLOW_INTERNAL_ONLY"}}


def test_memory_knows_both_kinds_of_units() -> None:
    assert resource.memory_of({"availableMemory": "256M"}) == 256 * 10**6
    assert resource.memory_of({"availableMemory": "1.5Gi"}) == 3 << 29
