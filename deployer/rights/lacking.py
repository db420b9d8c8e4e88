"""From Google's "permission denied" to the role that is missing, and how to give it."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

PERMISSION = re.compile(
    r"\b((?:bigquery|storage|run|workflows|secretmanager|logging)\.[a-z]\w+\.[a-z]\w+)\b"
)
ROLES = (
    ("bigquery.jobs.*", "roles/bigquery.jobUser"),
    ("bigquery.readsessions.*", "roles/bigquery.readSessionUser"),
    ("bigquery.datasets.create", "roles/bigquery.user"),
    ("bigquery.*", "roles/bigquery.dataEditor"),
    ("storage.buckets.get", "roles/storage.legacyBucketReader"),
    ("storage.*", "roles/storage.objectUser"),
    ("secretmanager.versions.access", "roles/secretmanager.secretAccessor"),
    ("run.jobs.*", "roles/run.jobsExecutorWithOverrides"),
    ("run.routes.invoke", "roles/run.invoker"),
    ("run.*", "roles/run.viewer"),
    ("workflows.*", "roles/workflows.invoker"),
    ("logging.*", "roles/logging.logWriter"),
)
"""Of those that a plan may hold, the least one with a permission; the first that fits."""
REFUSED = re.compile(r"(?i)\b403\b|denied|forbidden|does not have|permission")


def lacking(message: str) -> str:
    """What an account lacks, by what a refused call said; empty when it was no such refusal.

    >>> lacking("403 Permission 'bigquery.jobs.create' denied on resource 'projects/p'")
    'bigquery.jobs.create, which roles/bigquery.jobUser has'
    """
    found = PERMISSION.search(message)
    if not found or not REFUSED.search(message):
        return ""
    permission = found[1]
    role = next((role for pattern, role in ROLES if fnmatchcase(permission, pattern)), "")
    return f"{permission}, which {role} has" if role else permission
