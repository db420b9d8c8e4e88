"""Weaviate, a store for objects and vectors (version 3 of its client, which Mage uses)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import BaseIO
from runtime.mage_ai.io.export_utils import as_frame

if TYPE_CHECKING:
    import pandas as pd


class Weaviate(BaseIO):
    """Load what is near a text, export rows as objects."""

    def __init__(
        self,
        endpoint: str,
        instance_api_key: str | None = None,
        inference_api_key: str | None = None,
        collection: str | None = None,
        verbose: bool = True,
    ) -> None:
        super().__init__(verbose=verbose)
        weaviate = library("weaviate", "weaviate-client<4", "Weaviate")
        key = weaviate.AuthApiKey(api_key=instance_api_key) if instance_api_key else None
        headers = {"X-HuggingFace-Api-Key": inference_api_key} if inference_api_key else None
        self.client = weaviate.Client(
            url=endpoint, auth_client_secret=key, additional_headers=headers
        )
        self.collection = collection

    @classmethod
    def with_config(cls, config: Any) -> Self:
        return cls(
            config["WEAVIATE_ENDPOINT"],
            config["WEAVIATE_INSTANCE_API_KEY"],
            config["WEAVIATE_INFERENCE_API_KEY"],
            config["WEAVIATE_COLLECTION"],
        )

    def create_collection(self, collection: str | None = None, **settings: Any) -> None:
        self.client.schema.create_class({"class": collection or self.collection, **settings})

    def load(
        self,
        properties: Sequence[str],
        collection: str | None = None,
        with_limit: int = 10,
        with_text: Any = None,
        **_options: Any,
    ) -> pd.DataFrame:
        pandas = library("pandas", feature="reading a table")
        name = collection or self.collection
        query = self.client.query.get(name, list(properties)).with_limit(with_limit)
        if with_text:
            query = query.with_near_text({"concepts": with_text})
        frame: pd.DataFrame = pandas.DataFrame(query.do()["data"]["Get"][name])
        return frame

    def export(self, df: Any, collection: str | None = None, **_options: Any) -> None:
        with self.client.batch as batch:
            for record in as_frame(df).to_dict(orient="records"):
                batch.add_data_object(record, collection or self.collection)
