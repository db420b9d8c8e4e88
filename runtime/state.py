"""Pipeline variables that code sets while running, kept in the bucket.

Mage's `set_global_variable` rewrites the pipeline's metadata.yaml; a function's files do not
outlive it, so the values lie at `state/<project>/<pipeline>/variables.json` and win over the
pipeline's own. The last writer of a name wins.
"""

from __future__ import annotations

import json
from typing import Any

from runtime.context import Context
from runtime.gcs import Bucket


def variables(context: Context, pipeline: str = "") -> dict[str, Any]:
    """What code has set for a pipeline, this call's own by default."""
    return _read(context.artifacts.bucket, _name(context, pipeline))


def set_variable(context: Context, pipeline: str, key: str, value: Any) -> None:
    known = variables(context, pipeline)
    known[key] = value
    _write(context.artifacts.bucket, _name(context, pipeline), known)


def delete_variable(context: Context, pipeline: str, key: str) -> None:
    known = variables(context, pipeline)
    known.pop(key, None)
    _write(context.artifacts.bucket, _name(context, pipeline), known)


def _name(context: Context, pipeline: str) -> str:
    return f"state/{context.spec.project}/{pipeline or context.spec.pipeline}/variables.json"


def _read(bucket: Bucket, name: str) -> dict[str, Any]:
    data = bucket.get(name)
    found: dict[str, Any] = json.loads(data) if data else {}
    return found


def _write(bucket: Bucket, name: str, known: dict[str, Any]) -> None:
    bucket.put(name, json.dumps(known, default=str).encode())
