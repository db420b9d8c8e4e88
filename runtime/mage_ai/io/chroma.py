"""Chroma, a store for embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import BaseIO
from runtime.mage_ai.io.export_utils import as_frame

if TYPE_CHECKING:
    import pandas as pd


class Chroma(BaseIO):
    """Load what is near, export documents."""

    def __init__(self, collection: str, path: str | None = None, verbose: bool = True) -> None:
        super().__init__(verbose=verbose)
        chroma = library("chromadb", feature="Chroma")
        self.client = chroma.PersistentClient(path=path) if path else chroma.Client()
        self.collection = collection

    @classmethod
    def with_config(cls, config: Any) -> Self:
        return cls(config["CHROMA_COLLECTION"], config["CHROMA_PATH"])

    def load(
        self,
        n_results: int = 10,
        collection: str | None = None,
        query_embeddings: Any = None,
        query_texts: Any = None,
        **kwargs: Any,
    ) -> pd.DataFrame:
        pandas = library("pandas", feature="reading a table")
        store = self.client.get_or_create_collection(collection or self.collection)
        given = {"query_embeddings": query_embeddings, "query_texts": query_texts}
        found = store.query(n_results=n_results, **{k: v for k, v in given.items() if v}, **kwargs)
        columns = {key: value[0] for key, value in found.items() if value and value[0]}
        frame: pd.DataFrame = pandas.DataFrame(columns)
        return frame

    def export(
        self,
        df: Any,
        document_column: str,
        collection: str | None = None,
        id_column: str | None = None,
        metadata_column: str | None = None,
        **_options: Any,
    ) -> None:
        frame = as_frame(df)
        store = self.client.get_or_create_collection(collection or self.collection)
        ids = frame[id_column] if id_column else frame.index
        extra = {"metadatas": frame[metadata_column].tolist()} if metadata_column else {}
        store.add(documents=frame[document_column].tolist(), ids=[str(i) for i in ids], **extra)
