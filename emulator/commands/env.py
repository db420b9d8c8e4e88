"""`env`: shell exports that point Google's clients and gcloud at a running emulator."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from emulator.commands.start import DEFAULT_DATA
from emulator.presence import running

PATIENCE = 30.0
"""Seconds for what an emulator that was just started still brings up."""
GCLOUD = (
    "artifactregistry", "bigquery", "cloudbuild", "cloudfunctions", "cloudresourcemanager",
    "cloudscheduler", "eventarc", "iam", "iamcredentials", "logging", "pubsub", "run",
    "secretmanager", "serviceusage", "storage", "workflowexecutions", "workflows",
)  # fmt: skip


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="emulator env", description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    data = parser.parse_args(argv).data.resolve()
    told = _announced(data)
    if not told:
        sys.stderr.write(f"no emulator runs on {data}\n  try: python -m emulator start --detach\n")
        return 1
    exports = variables(told["url"], told["project_id"], told["grpc"])
    proxy = transparent(told["url"])
    if not proxy:
        sys.stderr.write(f"its HTTPS proxy is not there\n  try: look into {data}/emulator.log\n")
    exports |= proxy
    lines = [f"export {name}={shlex.quote(value)}" for name, value in exports.items()]
    sys.stdout.write("\n".join([*lines, ""]))
    return 0


def variables(url: str, project: str, grpc: str = "") -> dict[str, str]:
    """Google's Python clients find it by these, obstore by the GOOGLE ones, gcloud by the CLOUDSDK
    ones.
    """
    host = url.partition("//")[2]
    own = {
        "API_ENDPOINT_OVERRIDE": url,
        "STORAGE_EMULATOR_HOST": url,
        "CLOUD_STORAGE_EMULATOR_ENDPOINT": url,
        "GOOGLE_BASE_URL": url,
        "GOOGLE_SKIP_SIGNATURE": "true",
        "BIGQUERY_EMULATOR_HOST": url,
        "GOOGLE_CLOUD_PROJECT": project,
        "GCE_METADATA_HOST": host,
        "GCE_METADATA_IP": host,
        "GCE_METADATA_ROOT": host,
        "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA": "true",
        "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",
        "CLOUDSDK_CORE_PROJECT": project,
        "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
    }
    gcloud = {f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{api.upper()}": f"{url}/" for api in GCLOUD}
    return own | gcloud | ({"PUBSUB_EMULATOR_HOST": grpc} if grpc else {})


def transparent(url: str) -> dict[str, str]:
    """What leads clients that know none of the variables above: the emulator's HTTPS proxy, which
    is the last of it to be there, seconds after the first answers.
    """
    deadline = time.monotonic() + PATIENCE
    while (told := _health(url)) and not told["transparent"] and time.monotonic() < deadline:
        time.sleep(0.05)
    return dict(told.get("transparent") or {})


def _announced(data: Path) -> dict[str, Any]:
    """Of the emulator on `data`, also if that has only just begun; empty if there is none."""
    deadline = time.monotonic() + PATIENCE
    while (told := running(data)) == {} and time.monotonic() < deadline:
        time.sleep(0.05)
    return told or {}


def _health(url: str) -> dict[str, Any]:
    try:
        with build_opener(ProxyHandler({})).open(f"{url}/emulator/v1/health", timeout=30) as answer:
            return dict(json.load(answer))
    except (OSError, ValueError):
        return {}
