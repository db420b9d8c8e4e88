"""Spark SQL, in a session that is there or is made."""

from __future__ import annotations

from typing import Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import QUERY_ROW_LIMIT, BaseIO, ExportWritePolicy


class Spark(BaseIO):
    """Load, execute and export tables."""

    def __init__(self, verbose: bool = True, **settings: Any) -> None:
        super().__init__(verbose=verbose)
        sql = library("pyspark.sql", "pyspark", "Spark")
        self.client = settings.pop("spark_session", None) or sql.SparkSession.builder.getOrCreate()
        self.settings = settings

    @classmethod
    def with_config(cls, config: Any) -> Self:
        return cls(method=config["SPARK_METHOD"], host=config["SPARK_HOST"])

    def execute(self, query_string: str, **_options: Any) -> None:
        self.client.sql(query_string)

    def load(self, query_string: str, limit: int = QUERY_ROW_LIMIT, **_options: Any) -> Any:
        return self.client.sql(query_string).limit(limit).toPandas()

    def export(
        self,
        df: Any,
        table_name: str | None = None,
        database: str = "default",
        if_exists: ExportWritePolicy | str = ExportWritePolicy.APPEND,
        **_options: Any,
    ) -> None:
        modes = {"append": "append", "replace": "overwrite", "fail": "error"}
        frame = df if hasattr(df, "write") else self.client.createDataFrame(df)
        frame.write.mode(modes[str(if_exists)]).saveAsTable(f"{database}.{table_name}")
