"""MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote_plus

from runtime.libraries import library
from runtime.mage_ai.io.base import BaseIO
from runtime.mage_ai.io.export_utils import as_frame

if TYPE_CHECKING:
    import pandas as pd


class MongoDB(BaseIO):
    """Load and export documents; an export adds, it never replaces."""

    def __init__(
        self,
        connection_string: str | None = None,
        host: str | None = None,
        port: int | str = 27017,
        user: str | None = None,
        password: str | None = None,
        database: str | None = None,
        collection: str | None = None,
        verbose: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(verbose=verbose)
        who = f"{quote_plus(user)}:{quote_plus(password or '')}@" if user else ""
        place = connection_string or f"mongodb://{who}{host}:{port or 27017}/"
        self.client = library("pymongo", feature="MongoDB").MongoClient(place, **kwargs)
        self.database = self.client[database] if database else self.client.get_default_database()
        self.collection = collection

    @classmethod
    def with_config(cls, config: Any) -> Self:
        return cls(
            connection_string=config["MONGODB_CONNECTION_STRING"],
            host=config["MONGODB_HOST"],
            port=config["MONGODB_PORT"],
            user=config["MONGODB_USER"],
            password=config["MONGODB_PASSWORD"],
            database=config["MONGODB_DATABASE"],
            collection=config["MONGODB_COLLECTION"],
        )

    def load(
        self, collection: str | None = None, query: Mapping[str, Any] | None = None, **_options: Any
    ) -> pd.DataFrame:
        pandas = library("pandas", feature="reading a table")
        frame: pd.DataFrame = pandas.DataFrame(list(self._named(collection).find(query or {})))
        return frame

    def export(self, data: Any, collection: str | None = None, **_options: Any) -> None:
        frame = as_frame(data)
        if not frame.empty:
            records = frame.astype(object).where(frame.notna(), None).to_dict(orient="records")
            self._named(collection).insert_many(records)

    def _named(self, collection: str | None) -> Any:
        name = collection or self.collection
        if not name:
            raise ValueError("name a collection, here or as MONGODB_COLLECTION")
        return self.database[name]
