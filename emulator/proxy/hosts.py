"""Which hosts are answered here, which are refused, which are let through."""

from __future__ import annotations

from enum import Enum

APIS = frozenset(
    {
        "bigquery", "bigquerystorage", "cloudfunctions", "cloudresourcemanager", "cloudscheduler",
        "eventarc", "iam", "iamcredentials", "logging", "oauth2", "pubsub", "run", "secretmanager",
        "serviceusage", "storage", "sts", "workflowexecutions", "workflows", "www",
    }
)  # fmt: skip
GOOGLE = ".googleapis.com"
DEPLOYED = ".run.app"
ELSEWHERE = (
    GOOGLE, ".google.com", ".gcr.io", ".pkg.dev", ".cloud.goog", ".appspot.com", DEPLOYED,
    ".cloudfunctions.net",
)  # fmt: skip
CERTIFIED = (f"*{GOOGLE}", f"*.storage{GOOGLE}", f"*.a{DEPLOYED}", f"*{DEPLOYED}", "localhost")
"""What the certificate is for; services of a region have their own names beside these."""


class Way(Enum):
    """What becomes of a connection."""

    HERE = "here"
    REFUSED = "refused"
    THROUGH = "through"


def way(host: str) -> Way:
    """By name alone: nothing is looked up.

    >>> way("storage.googleapis.com"), way("spanner.googleapis.com"), way("example.org")
    (<Way.HERE: 'here'>, <Way.REFUSED: 'refused'>, <Way.THROUGH: 'through'>)
    """
    name = host.lower().rstrip(".")
    if name.endswith((DEPLOYED, f".storage{GOOGLE}")):
        return Way.HERE
    if name.endswith(GOOGLE):
        label = name.removesuffix(GOOGLE).removesuffix(".rep").partition(".")[0]
        return Way.HERE if APIS & {label, label.rpartition("-")[2]} else Way.REFUSED
    refused = any(name == end[1:] or name.endswith(end) for end in ELSEWHERE)
    return Way.REFUSED if refused else Way.THROUGH
