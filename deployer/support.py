"""What runs here and what does not, in sentences that say what to do instead."""

from __future__ import annotations

from deployer.code.yaml_sources import source_of
from deployer.model import Block, Kind, Language, Pipeline
from deployer.settings.names import code_of

PIPELINES = {
    "streaming": (
        "is a streaming pipeline: it never ends, and functions do",
        "let Pub/Sub or an event trigger start a python pipeline per batch of messages",
    ),
    "integration": (
        "is a data integration pipeline (Singer taps and targets), which does not run here",
        "load with a Python block (mage_ai.io.* or the source's client) in a python pipeline",
    ),
    "pyspark": (
        "is a pyspark pipeline, which needs a Spark cluster",
        "use pandas, polars or SQL blocks, or start a Dataproc job from a Python block",
    ),
    "databricks": (
        "is a databricks pipeline, which needs a Databricks cluster",
        "start a Databricks job from a Python block",
    ),
    "execution_framework": (
        "is a pipeline of Mage's experimental execution framework",
        "write it as a python pipeline",
    ),
}
"""Pipeline type → what is in the way, and what to do (Mage: "Pipeline types")."""

KINDS = {
    Kind.EXTENSION: (
        "is an extension block among the pipeline's own blocks",
        "list it under `extensions: great_expectations: blocks:`, as Mage does",
    ),
    Kind.HOOK: (
        "is a hook, which reacts to Mage's own screens",
        "remove it from the pipeline, or make it a callback of a block",
    ),
}
R_KINDS = frozenset({Kind.DATA_EXPORTER, Kind.DATA_LOADER, Kind.TRANSFORMER})
DBT_LANGUAGES = frozenset({Language.SQL, Language.YAML})
SQL_KINDS = frozenset({Kind.CUSTOM, Kind.DATA_EXPORTER, Kind.DATA_LOADER, Kind.TRANSFORMER})
PROVIDERS = frozenset(
    {"bigquery", "clickhouse", "duckdb", "mssql", "mysql", "postgres", "redshift"}
    | {"snowflake", "sqlserver", "trino"}
)
DECORATORS = {
    Kind.CALLBACK: frozenset({"callback", "on_success", "on_failure"}),
    Kind.CONDITIONAL: frozenset({"condition"}),
    Kind.EXTENSION: frozenset({"extension"}),
} | {
    kind: frozenset({kind.value})
    for kind in (
        Kind.DATA_LOADER,
        Kind.TRANSFORMER,
        Kind.DATA_EXPORTER,
        Kind.CUSTOM,
        Kind.SENSOR,
    )
}
"""Kind → the decorators of which one block must bear one (Mage: "Blocks", decorators)."""


def of_pipeline(pipeline: Pipeline) -> tuple[str, str] | None:
    """Why a pipeline cannot run here, and a hint; None when it can."""
    if pipeline.type == "python":
        return None
    unknown = (f"has the type {pipeline.type!r}, which is unknown here", "use `type: python`")
    return PIPELINES.get(pipeline.type, unknown)


def of_block(block: Block) -> tuple[str, str] | None:
    """Why a block cannot run here, and a hint; None when it can."""
    if block.kind in KINDS:
        return KINDS[block.kind]
    if block.kind is Kind.DBT:
        return _of_dbt(block)
    if block.language is Language.R and block.kind not in R_KINDS:
        return f"is a {block.kind} in R; R loads, transforms and exports", "write it in Python"
    if block.language is Language.YAML:
        return _of_yaml(block)
    if block.language is Language.SQL:
        return _of_sql(block)
    return None


def _of_dbt(block: Block) -> tuple[str, str] | None:
    if block.language in DBT_LANGUAGES:
        return None
    message = f"is a dbt block in {block.language}; it is a model (sql) or a command line (yaml)"
    return message, "set its language to sql or yaml"


def _of_yaml(block: Block) -> tuple[str, str] | None:
    """Of Mage's many sources only the plain HTTP one has no connector of its own."""
    source = source_of(code_of(block))
    if block.kind is Kind.DATA_LOADER and source == "api":
        return None
    what = f"reads or writes {source!r} through" if source else "belongs to"
    why = "a connector (Singer taps and targets); of these only `source: api` runs here"
    hint = "load or store with a Python block: mage_ai.io.* or the source's client"
    return f"is a YAML block that {what} {why}", hint


def _of_sql(block: Block) -> tuple[str, str] | None:
    if block.kind not in SQL_KINDS:
        return f"is a {block.kind} in SQL; only Python can say yes or no", "write it in Python"
    provider = str(block.configuration.get("data_provider") or "")
    known = ", ".join(sorted(PROVIDERS))
    if not provider:
        return "is an SQL block without configuration.data_provider", f"known: {known}"
    if provider not in PROVIDERS:
        return f"asks for the data_provider {provider!r}, unknown here", f"known: {known}"
    return None
