"""What all data sources have in common: policies, formats, messages."""

from __future__ import annotations

import io
from enum import StrEnum
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any

from runtime.libraries import library

if TYPE_CHECKING:
    import pandas as pd

QUERY_ROW_LIMIT = 10_000_000


class DataSource(StrEnum):
    """Names of sources, as Mage's templates use them."""

    API = "api"
    BIGQUERY = "bigquery"
    CLICKHOUSE = "clickhouse"
    DRUID = "druid"
    DUCKDB = "duckdb"
    FILE = "file"
    GOOGLE_CLOUD_STORAGE = "google_cloud_storage"
    GOOGLE_SHEETS = "google_sheets"
    MONGODB = "mongodb"
    MSSQL = "mssql"
    MYSQL = "mysql"
    PINOT = "pinot"
    POSTGRES = "postgres"
    REDSHIFT = "redshift"
    S3 = "s3"
    SNOWFLAKE = "snowflake"
    TRINO = "trino"


class FileFormat(StrEnum):
    """File formats, inferred from a name's extension when not given."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"
    HDF5 = "hdf5"
    XML = "xml"
    EXCEL = "excel"


class ExportWritePolicy(StrEnum):
    """What to do when the table is already there."""

    APPEND = "append"
    FAIL = "fail"
    REPLACE = "replace"


class BaseIO:
    """A source or sink; `verbose` ones say what they do."""

    def __init__(self, verbose: bool = False) -> None:
        self.verbose = verbose

    def say(self, message: str) -> None:
        if self.verbose:
            print(message)


EXTENSIONS = {
    "csv": FileFormat.CSV,
    "json": FileFormat.JSON,
    "parquet": FileFormat.PARQUET,
    "pq": FileFormat.PARQUET,
    "hdf5": FileFormat.HDF5,
    "h5": FileFormat.HDF5,
    "xml": FileFormat.XML,
    "xls": FileFormat.EXCEL,
    "xlsx": FileFormat.EXCEL,
}


class BaseFile(BaseIO):
    """Reads and writes tables as files; further keyword arguments go to pandas."""

    def _get_file_format(self, name: str | PurePath, given: Any = None) -> FileFormat:
        if given is not None:
            return FileFormat(str(given).lower())
        extension = PurePath(name).suffix.removeprefix(".").lower()
        if extension not in EXTENSIONS:
            raise ValueError(
                f"cannot tell the format of {str(name)!r} from its name; give `format`, one of "
                f"{', '.join(FileFormat)}"
            )
        return EXTENSIONS[extension]

    def _read(self, source: Any, format: FileFormat, **kwargs: Any) -> Any:
        pandas = library("pandas", feature="reading a table")
        reader = pandas.read_hdf if format is FileFormat.HDF5 else getattr(pandas, f"read_{format}")
        return reader(source, **kwargs)

    def _write(self, df: pd.DataFrame, format: FileFormat, target: Any, **kwargs: Any) -> None:
        """CSV keeps the index unless told otherwise; Parquet cuts times to milliseconds."""
        if format is FileFormat.PARQUET and kwargs.get("engine", "pyarrow") == "pyarrow":
            kwargs.setdefault("coerce_timestamps", "ms")
            kwargs.setdefault("allow_truncated_timestamps", True)
        if format is FileFormat.HDF5:
            kwargs.setdefault("key", "data")
            df.to_hdf(target, **kwargs)
        else:
            getattr(df, f"to_{format}")(target, **kwargs)

    def _encoded(self, data: Any, format: FileFormat, **kwargs: Any) -> bytes:
        """A table of pandas or polars as the bytes of a file."""
        buffer = io.BytesIO()
        if type(data).__module__.startswith("polars"):
            _write_polars(data, format, buffer, **kwargs)
        else:
            self._write(data, format, buffer, **kwargs)
        return buffer.getvalue()


def _write_polars(frame: Any, format: FileFormat, buffer: IO[bytes], **kwargs: Any) -> None:
    if format is FileFormat.JSON:
        frame.write_json(buffer, **kwargs)
    else:
        getattr(frame, f"write_{format}")(buffer, **kwargs)
