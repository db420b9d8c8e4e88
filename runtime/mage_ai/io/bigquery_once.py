"""A BigQuery job that happens once: its id is the same in every attempt of a block's call.

BigQuery refuses an id that it has seen (BigQuery: Running jobs programmatically), so a job of
an earlier attempt is waited for instead of repeated. One that failed is tried under another id.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from runtime.appends import Append
from runtime.libraries import library


def once(client: Any, table: str, append: Append | None, start: Callable[..., Any]) -> None:
    """Start a job under its id, and wait for it."""
    if append is None:
        start().result()
        return
    errors = library("google.api_core.exceptions", "google-cloud-bigquery", "BigQuery")
    for number in count():
        name = f"blocklift_{append.mark}_{number}"
        try:
            job = start(job_id=name)
        except errors.Conflict:
            if _succeeded(client, table, name, errors):
                print(f"{table}: an earlier attempt has appended these rows already")
                return
        else:
            job.result()
            return


def _succeeded(client: Any, table: str, name: str, errors: Any) -> bool:
    """What became of an earlier attempt's job, once it is done."""
    location = client.get_dataset(table.rpartition(".")[0]).location
    try:
        client.get_job(name, location=location).result()
    except errors.GoogleAPICallError:
        return False
    return True
