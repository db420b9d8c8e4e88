"""Algolia's search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import BaseIO
from runtime.mage_ai.io.export_utils import as_frame

if TYPE_CHECKING:
    import pandas as pd


class Algolia(BaseIO):
    """Load by search, export as objects of an index."""

    def __init__(
        self, app_id: str, api_key: str, index_name: str | None = None, verbose: bool = True
    ) -> None:
        super().__init__(verbose=verbose)
        search = library("algoliasearch.search_client", "algoliasearch<4", "Algolia")
        self.client = search.SearchClient.create(app_id, api_key)
        self.index_name = index_name

    @classmethod
    def with_config(cls, config: Any) -> Self:
        return cls(
            config["ALGOLIA_APP_ID"], config["ALGOLIA_API_KEY"], config["ALGOLIA_INDEX_NAME"]
        )

    def load(
        self,
        query_texts: Sequence[str],
        index_name: str | None = None,
        column_names: Sequence[str] | None = None,
        **_options: Any,
    ) -> pd.DataFrame:
        pandas = library("pandas", feature="reading a table")
        index = self.client.init_index(index_name or self.index_name)
        hits = [hit for text in query_texts for hit in index.search(text)["hits"]]
        frame: pd.DataFrame = pandas.DataFrame(hits)
        return frame[list(column_names)] if column_names else frame

    def export(self, df: Any, index_name: str | None = None, **_options: Any) -> None:
        index = self.client.init_index(index_name or self.index_name)
        records = as_frame(df).to_dict(orient="records")
        index.save_objects(records, {"autoGenerateObjectIDIfNotExist": True}).wait()
