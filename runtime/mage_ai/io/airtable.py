"""Airtable: read only, as in Mage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import BaseIO

if TYPE_CHECKING:
    import pandas as pd


class Airtable(BaseIO):
    """Load a table of a base."""

    def __init__(self, token: str, verbose: bool = False, **_options: Any) -> None:
        super().__init__(verbose=verbose)
        self.client = library("pyairtable", feature="Airtable").Api(token)

    @classmethod
    def with_config(cls, config: Any) -> Self:
        return cls(token=config["AIRTABLE_ACCESS_TOKEN"])

    def load(self, base_id: str, table_name: str, **kwargs: Any) -> pd.DataFrame:
        pandas = library("pandas", feature="reading a table")
        records = self.client.table(base_id, table_name).all(**kwargs)
        frame: pd.DataFrame = pandas.DataFrame([record["fields"] for record in records])
        return frame

    def export(self, *_args: Any, **_options: Any) -> None:
        """Nothing, as in Mage."""
