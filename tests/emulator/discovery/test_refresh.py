"""Making the shipped documents again from Google's."""

from __future__ import annotations

import gzip
import importlib.util
import json

import pytest

from emulator.discovery.catalog import FOLDER
from emulator.discovery.refresh import APIS, enum_numbers, pack, trimmed

GIVEN = {
    "name": "thing",
    "version": "v1",
    "revision": "20260101",
    "rootUrl": "https://thing.googleapis.com/",
    "servicePath": "",
    "title": "gone",
    "parameters": {"alt": {"type": "string", "location": "query", "description": "gone"}},
    "resources": {
        "things": {
            "methods": {
                "get": {
                    "id": "thing.things.get",
                    "httpMethod": "GET",
                    "path": "v1/{+name}",
                    "flatPath": "v1/things/{thingsId}",
                    "response": {"$ref": "Thing"},
                    "description": "gone",
                }
            }
        }
    },
    "schemas": {
        "Thing": {
            "id": "Thing",
            "type": "object",
            "properties": {
                "stage": {
                    "type": "string",
                    "enum": ["A", "B", "C"],
                    "enumDescriptions": ["gone", "gone", "gone"],
                }
            },
        }
    },
}


def test_only_what_a_machine_can_check_stays() -> None:
    kept = trimmed(GIVEN, {("A", "B", "C"): [0, 7, 1]})
    assert "gone" not in json.dumps(kept)
    stage = kept["schemas"]["Thing"]["properties"]["stage"]
    assert stage == {"type": "string", "enum": ["A", "B", "C"], "enumNumbers": [0, 7, 1]}
    assert kept["methods"][0]["response"] == "Thing"


def test_numbers_are_kept_only_where_they_surprise() -> None:
    kept = trimmed(GIVEN, {("A", "B", "C"): [0, 1, 2]})
    assert "enumNumbers" not in kept["schemas"]["Thing"]["properties"]["stage"]


def test_the_same_bytes_every_time() -> None:
    assert pack({"b": 1, "a": 2}) == pack({"a": 2, "b": 1})
    assert json.loads(gzip.decompress(pack(GIVEN))) == GIVEN


def test_numbers_come_from_the_installed_clients() -> None:
    stages = (
        "LAUNCH_STAGE_UNSPECIFIED UNIMPLEMENTED PRELAUNCH EARLY_ACCESS ALPHA BETA GA DEPRECATED"
    )
    names = tuple(sorted(stages.split()))
    numbers = dict(zip(names, enum_numbers()[names], strict=True))
    assert (numbers["ALPHA"], numbers["GA"], numbers["PRELAUNCH"]) == (2, 4, 7)


@pytest.mark.skipif(
    importlib.util.find_spec("googleapiclient") is None,
    reason="google-api-python-client is not installed: nothing to compare with",
)
def test_google_has_not_moved_on() -> None:
    from pathlib import Path

    from emulator.discovery.refresh import documents

    spec = importlib.util.find_spec("googleapiclient")
    assert spec is not None
    assert spec.origin is not None
    numbers = enum_numbers()
    for api, document in documents(Path(spec.origin).parents[1]):
        assert api in APIS
        assert (FOLDER / f"{api}.json.gz").read_bytes() == pack(trimmed(document, numbers)), api
