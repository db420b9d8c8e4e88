"""JSON against Google's schemas."""

from __future__ import annotations

import pytest

from emulator.discovery.catalog import load
from emulator.discovery.schema import Reader

FUNCTION = {"$ref": "Function"}


def read(value, schema=FUNCTION, document="cloudfunctions.v2", lenient=False):
    reader = Reader(load(document).schemas, lenient)
    plain = reader.read(value, schema, "function")
    return plain, [problem.message for problem in reader.problems]


def test_a_good_function_stays_as_it_is() -> None:
    function = {
        "labels": {"a": "b"},
        "buildConfig": {"runtime": "python311", "entryPoint": "block"},
        "serviceConfig": {"ingressSettings": "ALLOW_ALL", "maxInstanceCount": 3},
        "createTime": "2026-01-01T00:00:00.123456789Z",
    }
    assert read(function) == (function, [])


def test_the_plain_form() -> None:
    given = {
        "service_config": {"ingress_settings": 2, "max_instance_count": "3"},
        "labels": None,
        "environment": 1,
    }
    assert read(given) == (
        {
            "serviceConfig": {"ingressSettings": "ALLOW_INTERNAL_ONLY", "maxInstanceCount": 3},
            "environment": "GEN_1",
        },
        [],
    )


def test_numbers_of_enums_that_are_not_their_place() -> None:
    service = {"$ref": "GoogleCloudRunV2Service"}
    assert read({"launchStage": 4}, service, "run.v2") == ({"launchStage": "GA"}, [])
    entry = {"$ref": "LogEntry"}
    assert read({"severity": 500}, entry, "logging.v2") == ({"severity": "ERROR"}, [])


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"colour": "red"}, """Unknown name "colour" at 'function': Cannot find field."""),
        ({"buildConfig": {"x": 1}}, """Unknown name "x" at 'function.build_config'"""),
        ({"buildConfig": 3}, "Invalid value at 'function.build_config'"),
        ({"buildConfig": {"entryPoint": 3}}, "'function.build_config.entry_point' (TYPE_STRING)"),
        ({"serviceConfig": {"maxInstanceCount": "x"}}, "(TYPE_INT32)"),
        ({"serviceConfig": {"maxInstanceCount": 2**31}}, "(TYPE_INT32)"),
        ({"serviceConfig": {"maxInstanceCount": True}}, "(TYPE_INT32)"),
        ({"serviceConfig": {"ingressSettings": "OPEN"}}, '(TYPE_ENUM), "OPEN"'),
        ({"serviceConfig": {"allTrafficOnLatestRevision": "yes"}}, "(TYPE_BOOL)"),
        ({"labels": {"a": 1}}, "'function.labels[a]' (TYPE_STRING)"),
        ({"createTime": "yesterday"}, "google.protobuf.Timestamp"),
        ({"buildConfig": {"source": {"storageSource": {"generation": "1.5"}}}}, "(TYPE_INT64)"),
    ],
)
def test_mistakes_are_told_with_their_path(value, told: str) -> None:
    problems = read(value)[1]
    assert len(problems) == 1
    assert told in problems[0]


def test_all_mistakes_at_once() -> None:
    assert len(read({"a": 1, "b": 2, "labels": {"c": 3}})[1]) == 3


def test_bytes_and_durations() -> None:
    payload, secret = {"$ref": "SecretPayload"}, {"$ref": "Secret"}
    document = "secretmanager.v1"
    assert read({"data": "aGk="}, payload, document)[1] == []
    assert "TYPE_BYTES" in read({"data": "§"}, payload, document)[1][0]
    assert read({"ttl": "3.5s"}, secret, document)[1] == []
    assert "Duration" in read({"ttl": "3 min"}, secret, document)[1][0]


def test_older_apis_ignore_what_they_do_not_know() -> None:
    assert read({"colour": 1}, {"$ref": "Bucket"}, "storage.v1", lenient=True)[1] == []
