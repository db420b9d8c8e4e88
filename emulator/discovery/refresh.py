"""Make `documents/` again: `python -m emulator.discovery.refresh WHEEL_OR_FOLDER`.

The argument is a wheel of google-api-python-client, or the folder where it is installed.
Descriptions go; what a machine can check stays. JSON tells the names of an enum but not its
numbers, which Google's clients send: they come from the message classes of the installed
clients, where they are not simply 0, 1, 2 …
"""

from __future__ import annotations

import gzip
import importlib
import json
import pkgutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = Any

APIS = (
    "artifactregistry.v1", "bigquery.v2", "cloudbuild.v1", "cloudfunctions.v2",
    "cloudresourcemanager.v3", "cloudscheduler.v1", "eventarc.v1", "iam.v1", "iamcredentials.v1",
    "logging.v2", "pubsub.v1", "run.v1", "run.v2", "secretmanager.v1", "serviceusage.v1",
    "storage.v1", "workflowexecutions.v1", "workflows.v1",
)  # fmt: skip
INSIDE = "googleapiclient/discovery_cache/documents"
DOCUMENT = ("name", "version", "revision", "rootUrl", "servicePath")
METHOD = ("id", "httpMethod", "path", "flatPath", "parameterOrder", "supportsMediaDownload")
SCHEMA = (
    "$ref", "type", "format", "enum", "enumNumbers", "pattern", "required", "repeated", "readOnly",
    "location", "minimum", "maximum", "default",
)  # fmt: skip
CLIENTS = (
    "google.api", "google.cloud.functions_v2", "google.cloud.run_v2", "google.cloud.workflows_v1",
    "google.cloud.workflows.executions_v1", "google.cloud.secretmanager_v1",
    "google.cloud.scheduler_v1", "google.logging.type",
)  # fmt: skip


def main(argv: list[str]) -> int:
    if len(argv) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    target = Path(__file__).with_name("documents")
    target.mkdir(exist_ok=True)
    numbers, total = enum_numbers(), 0
    for api, document in sorted(documents(Path(argv[0]))):
        packed = pack(trimmed(document, numbers))
        (target / f"{api}.json.gz").write_bytes(packed)
        total += len(packed)
        sys.stdout.write(f"{api:<28} {document['revision']} {len(packed):>7}\n")
    sys.stdout.write(f"{total} bytes\n")
    return 0


def documents(source: Path) -> Iterator[tuple[str, Json]]:
    if source.suffix == ".whl":
        with zipfile.ZipFile(source) as wheel:
            for api in APIS:
                yield api, json.loads(wheel.read(f"{INSIDE}/{api}.json"))
    else:
        for api in APIS:
            yield api, json.loads((source / INSIDE / f"{api}.json").read_text())


def pack(document: Json) -> bytes:
    """The same bytes for the same document, whenever it is packed."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


# -- trimming -------------------------------------------------------------------------------


def trimmed(document: Json, numbers: dict[tuple[str, ...], list[int]]) -> Json:
    schemas = {name: _schema(schema, numbers) for name, schema in document["schemas"].items()}
    return {
        **{key: document[key] for key in DOCUMENT},
        "parameters": {k: _schema(v, numbers) for k, v in document["parameters"].items()},
        "methods": [_method(method, numbers) for method in _methods(document)],
        "schemas": schemas,
    }


def _methods(node: Json) -> Iterator[Json]:
    yield from node.get("methods", {}).values()
    for resource in node.get("resources", {}).values():
        yield from _methods(resource)


def _method(method: Json, numbers: dict[tuple[str, ...], list[int]]) -> Json:
    kept = {key: method[key] for key in METHOD if key in method}
    kept["parameters"] = {k: _schema(v, numbers) for k, v in method.get("parameters", {}).items()}
    for side in ("request", "response"):
        if side in method:
            kept[side] = method[side]["$ref"]
    if "mediaUpload" in method:
        kept["uploads"] = [p["path"] for p in method["mediaUpload"]["protocols"].values()]
    return kept


def _schema(schema: Json, numbers: dict[tuple[str, ...], list[int]]) -> Json:
    kept = {key: schema[key] for key in SCHEMA if key in schema}
    for key in ("items", "additionalProperties"):
        if key in schema:
            kept[key] = _schema(schema[key], numbers)
    if "properties" in schema:
        kept["properties"] = {k: _schema(v, numbers) for k, v in schema["properties"].items()}
    if found := numbers.get(tuple(sorted(schema.get("enum", ())))):
        kept["enumNumbers"] = [found[sorted(schema["enum"]).index(name)] for name in schema["enum"]]
        if kept["enumNumbers"] == list(range(len(schema["enum"]))):
            del kept["enumNumbers"]
    return kept


# -- the numbers of enums -------------------------------------------------------------------


def enum_numbers() -> dict[tuple[str, ...], list[int]]:
    """Sorted names of an enum → their numbers, for every enum of the installed clients."""
    from google.protobuf import descriptor_pool

    for client in CLIENTS:
        _import_all(client)
    pool = descriptor_pool.Default()
    found: dict[tuple[str, ...], list[int]] = {}
    for enum in _enums(pool):
        values = sorted((value.name, value.number) for value in enum.values)
        found[tuple(name for name, _ in values)] = [number for _, number in values]
    return found


def _import_all(package: str) -> None:
    module = importlib.import_module(package)
    for info in pkgutil.walk_packages(module.__path__, f"{package}."):
        if ".types" in info.name or info.name.endswith("_pb2"):
            importlib.import_module(info.name)


def _enums(pool: Any) -> Iterator[Any]:
    """Of every file that a loaded message class came from."""
    marshals = importlib.import_module("proto").Marshal
    for marshal in marshals._instances.values():
        for rule in marshal._rules:
            if hasattr(rule, "file"):
                yield from _of_file(rule.file)
            elif getattr(rule, "DESCRIPTOR", None) is not None:
                yield from _of_file(rule.DESCRIPTOR.file)
    for name in ("google/api/launch_stage.proto", "google/logging/type/log_severity.proto"):
        yield from _of_file(pool.FindFileByName(name))


def _of_file(file: Any) -> Iterator[Any]:
    yield from file.enum_types_by_name.values()
    for message in file.message_types_by_name.values():
        yield from _of_message(message)


def _of_message(message: Any) -> Iterator[Any]:
    yield from message.enum_types
    for nested in message.nested_types:
        yield from _of_message(nested)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
