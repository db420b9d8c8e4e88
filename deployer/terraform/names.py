"""What the google provider calls things, and what we call each of them there."""

from __future__ import annotations

import re

from deployer.resources import Kind

LABEL = "mage-project"
"""Not the label of what `blocklift deploy` made: it keeps its hands off what it did not make."""
ON = {
    "bucket": ("google_storage_bucket_iam_member", "bucket"),
    "secret": ("google_secret_manager_secret_iam_member", "secret_id"),
    "service": ("google_cloud_run_v2_service_iam_member", "name"),
    "job": ("google_cloud_run_v2_job_iam_member", "name"),
    "project": ("google_project_iam_member", "project"),
    "dataset": ("google_bigquery_dataset_iam_member", "dataset_id"),
    "account": ("google_service_account_iam_member", "service_account_id"),
}
TYPES = {
    Kind.BUCKET: "google_storage_bucket",
    Kind.ACCOUNT: "google_service_account",
    Kind.SECRET: "google_secret_manager_secret",
    Kind.FUNCTION: "google_cloudfunctions2_function",
    Kind.JOB: "google_cloud_run_v2_job",
    Kind.WORKFLOW: "google_workflows_workflow",
    Kind.SCHEDULE: "google_cloud_scheduler_job",
    Kind.EVENT: "google_eventarc_trigger",
}


def identifier(text: str) -> str:
    """A name that Terraform takes: letters, digits and _, not a digit first."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return name if name[:1].isalpha() else f"r_{name}"
