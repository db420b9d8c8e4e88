"""Qdrant, a store for vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import BaseIO
from runtime.mage_ai.io.export_utils import as_frame

if TYPE_CHECKING:
    import pandas as pd


class Qdrant(BaseIO):
    """Load what is near, export vectors with their rows."""

    def __init__(self, collection: str, path: str | None = None, verbose: bool = True) -> None:
        super().__init__(verbose=verbose)
        qdrant = library("qdrant_client", "qdrant-client", "Qdrant")
        self.client = qdrant.QdrantClient(path=path) if path else qdrant.QdrantClient(":memory:")
        self.collection = collection

    @classmethod
    def with_config(cls, config: Any) -> Self:
        return cls(config["QDRANT_COLLECTION"], config["QDRANT_PATH"])

    def create_collection(
        self, vector_size: int, distance: Any = None, collection_name: str | None = None
    ) -> None:
        models = library("qdrant_client.models", "qdrant-client", "Qdrant")
        how = models.VectorParams(size=vector_size, distance=distance or models.Distance.COSINE)
        self.client.create_collection(collection_name or self.collection, vectors_config=how)

    def load(
        self,
        limit_results: int = 10,
        query_vector: Any = None,
        collection_name: str | None = None,
        **kwargs: Any,
    ) -> pd.DataFrame:
        pandas = library("pandas", feature="reading a table")
        name = collection_name or self.collection
        found = self.client.query_points(name, query=query_vector, limit=limit_results, **kwargs)
        rows = [{"id": p.id, "score": p.score, **(p.payload or {})} for p in found.points]
        frame: pd.DataFrame = pandas.DataFrame(rows)
        return frame

    def export(
        self,
        df: Any,
        document_column: str | None = None,
        id_column: str | None = None,
        vector_column: str | None = None,
        collection_name: str | None = None,
        vector_size: int | None = None,
        distance: Any = None,
        **_options: Any,
    ) -> None:
        if vector_column is None:
            raise ValueError("export needs a vector_column")
        models = library("qdrant_client.models", "qdrant-client", "Qdrant")
        frame, name = as_frame(df), collection_name or self.collection
        if not self.client.collection_exists(name):
            size = vector_size or len(frame[vector_column].iloc[0])
            self.create_collection(size, distance, name)
        points = [
            models.PointStruct(
                id=row[id_column] if id_column else place,
                vector=list(row[vector_column]),
                payload={k: v for k, v in row.items() if k not in (id_column, vector_column)},
            )
            for place, row in enumerate(frame.to_dict(orient="records"))
        ]
        self.client.upsert(name, points=points)
