"""What the code of a pipeline's blocks implies for the account that runs them.

Seen in what is already known of a block: its language and configuration, and the client
libraries that its function gets. SQL blocks name their datasets; Python may name any at run
time, so a pipeline with such a block may write in all of the project's, and the plan says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from deployer.code.requirements import needs_of
from deployer.model import Block, Kind, Language, Pipeline, Project
from deployer.settings.names import code_of

BIGQUERY_CLIENTS = frozenset(
    {"google-cloud-bigquery", "google-cloud-bigquery-storage", "pandas-gbq", "bigframes"}
    | {"sqlalchemy-bigquery", "ibis-framework", "dbt-bigquery"}
)
DATASET = re.compile(r"[A-Za-z0-9_]{1,1024}")
TABLE = re.compile(
    r"(?ix) \b(?:FROM|JOIN|INTO|UPDATE|TABLE|VIEW|MERGE|USING)\s+ (?:IF\s+(?:NOT\s+)?EXISTS\s+)?"
    r"(`[^`]+`|[\w.-]+)"
)


@dataclass(frozen=True, slots=True)
class Want:
    """A role on the project, and why."""

    role: str
    reason: str
    condition: str = ""


def wants(project: Project, pipeline: Pipeline, project_id: str) -> Iterator[Want]:
    """Roles of the account that runs a pipeline's blocks (BigQuery: "IAM roles")."""
    users = [block for block in everyone(pipeline) if asks_bigquery(project, pipeline, block)]
    if not users:
        return
    named = ", ".join(str(block.id) for block in users[:3]) + (" …" if users[3:] else "")
    found = [datasets(block, project_id) for block in users]
    if None in found:
        yield Want("roles/bigquery.jobUser", f"{named}: runs BigQuery jobs")
        yield Want("roles/bigquery.readSessionUser", f"{named}: reads tables fast")
        yield Want("roles/bigquery.dataEditor", f"{named}: {anywhere(users, project_id)}")
        return
    yield Want("roles/bigquery.user", f"{named}: runs BigQuery jobs, makes missing datasets")
    for dataset in sorted({name for names in found for name in names or ()}):
        why = f"{named}: its dataset {dataset}"
        yield Want("roles/bigquery.dataEditor", why, within(project_id, dataset))


def anywhere(users: Sequence[Block], project_id: str) -> str:
    guilty = next(block for block in users if datasets(block, project_id) is None)
    return f"every dataset, since {guilty.id} may name any"


def within(project_id: str, dataset: str) -> str:
    """A dataset and what is in it, also one that does not exist yet (BigQuery: "Control access
    with IAM Conditions").
    """
    name = f"projects/{project_id}/datasets/{dataset}"
    return f'resource.name == "{name}" || resource.name.startsWith("{name}/")'


def everyone(pipeline: Pipeline) -> tuple[Block, ...]:
    return (*pipeline.blocks, *pipeline.callbacks, *pipeline.conditionals)


def asks_bigquery(project: Project, pipeline: Pipeline, block: Block) -> bool:
    if block.language is Language.SQL and block.kind is not Kind.DBT:
        return block.configuration.get("data_provider") == "bigquery"
    lines = needs_of(project).of(pipeline, block)
    return any(name_of(line) in BIGQUERY_CLIENTS for line in lines)


@lru_cache(maxsize=4096)
def name_of(line: str) -> str:
    try:
        return canonicalize_name(Requirement(line).name)
    except InvalidRequirement:
        return ""


def datasets(block: Block, project_id: str) -> frozenset[str] | None:
    """Of this project, those that an SQL block names; None when they cannot be told."""
    if block.language is not Language.SQL or block.kind is Kind.DBT:
        return None
    own = str(block.configuration.get("data_provider_schema") or "")
    tables = [found.strip("`") for found in TABLE.findall(code_of(block))]
    if "{{" in own or not DATASET.fullmatch(own) or any("{{" in table for table in tables):
        return None
    parts = [table.split(".") for table in tables]
    named = {p[-2] for p in parts if len(p) == 2 or (len(p) == 3 and p[0] == project_id)}
    return frozenset({own, *named})
