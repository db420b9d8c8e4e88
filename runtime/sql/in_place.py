"""A table that lies in the run's bucket as Parquet goes into BigQuery without passing through here.

BigQuery reads the file itself (BigQuery: Loading Parquet data from Cloud Storage), under the
types that Google's client would give to the same frame. Where those cannot be told from the
file, or a table that is there has others, the frame is read and uploaded as ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runtime.artifacts import Artifacts
from runtime.contract import ArtifactRef
from runtime.libraries import library

if TYPE_CHECKING:
    import pyarrow as pa

KINDS = {
    "bool": "BOOLEAN", "date32[day]": "DATE", "double": "FLOAT", "float": "FLOAT",
    "int16": "INTEGER", "int32": "INTEGER", "int64": "INTEGER", "int8": "INTEGER",
    "large_string": "STRING", "string": "STRING", "timestamp[ms]": "DATETIME",
    "timestamp[us]": "DATETIME",
}  # fmt: skip
"""Arrow's types and those that Google's client makes of them; moments with a zone beside these."""
ZONED = ("timestamp[us, ", "timestamp[ms, ")
OWN = frozenset({"objects"})
"""What a codec may remember of a frame that Parquet holds as it is."""


def table_in(artifacts: Artifacts, uuid: str) -> ArtifactRef | None:
    """The one table that a block left, if that is all it left."""
    (manifest,) = artifacts.manifests([artifacts.prefix(uuid)])
    if manifest is None or len(manifest.outputs) != 1:
        return None
    ref = ArtifactRef.from_json(manifest.outputs[0])
    plain = ref.format == "parquet" and OWN.issuperset(ref.meta)
    return ref if plain and ref.rows else None


def loaded(loader: Any, artifacts: Artifacts, uuid: str, table: str, database: str | None) -> bool:
    """Whether BigQuery has put a block's output into `dataset.table`, instead of its rows."""
    ref = table_in(artifacts, uuid)
    kinds = ref and kinds_of(artifacts, ref)
    if not ref or not kinds:
        return False
    errors = library("google.api_core.exceptions", "google-cloud-bigquery", "BigQuery")
    try:
        return bool(loader.load_file(ref.uri, table, database, kinds))
    except errors.GoogleAPICallError as error:
        print(f"BigQuery cannot read {ref.uri} itself, so its rows are uploaded: {error}")
        return False


def kinds_of(artifacts: Artifacts, ref: ArtifactRef) -> dict[str, str] | None:
    """Column → BigQuery's type, from the end of the file; None if one of them is not certain."""
    import pyarrow.parquet as pq

    with artifacts.opened(ref) as file, pq.ParquetFile(file) as parquet:
        return bigquery_kinds(parquet.schema_arrow)


def bigquery_kinds(schema: pa.Schema) -> dict[str, str] | None:
    if _indexed(schema.pandas_metadata):
        return None
    kinds = {str(field.name): _kind(str(field.type)) for field in schema}
    certain = all(kind and name.isidentifier() for name, kind in kinds.items())
    return {name: kind for name, kind in kinds.items() if kind} if certain else None


def _kind(arrow: str) -> str | None:
    return "TIMESTAMP" if arrow.startswith(ZONED) else KINDS.get(arrow)


def _indexed(metadata: Mapping[str, Any] | None) -> bool:
    """Whether the frame's index is a column of the file."""
    return any(isinstance(name, str) for name in (metadata or {}).get("index_columns", ()))
