"""MongoDB.

An export adds documents. Those without an `_id` get one that is the same in every attempt of
a block's call, so that a second attempt finds those of the first instead of adding them again.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote_plus

from runtime.appends import announced
from runtime.libraries import library
from runtime.mage_ai.io.base import BaseIO
from runtime.mage_ai.io.export_utils import as_frame

if TYPE_CHECKING:
    import pandas as pd

DUPLICATE = 11000
"""MongoDB: Error Codes."""


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
        target = self._named(collection)
        append = announced(target.full_name, replaces=False)
        if frame.empty:
            return
        documents = frame.astype(object).where(frame.notna(), None).to_dict(orient="records")
        if append is None or "_id" in frame:
            target.insert_many(documents)
        else:
            self._insert_once(target, documents, append.mark)

    def _insert_once(self, target: Any, documents: list[dict[Any, Any]], mark: str) -> None:
        """Every document is tried; those that are there already are passed over."""
        errors = library("pymongo.errors", "pymongo", "MongoDB")
        marked = [{"_id": _id(mark, n), **document} for n, document in enumerate(documents)]
        try:
            target.insert_many(marked, ordered=False)
        except errors.BulkWriteError as error:
            told = error.details or {}
            if any(each["code"] != DUPLICATE for each in told.get("writeErrors", ())):
                raise

    def _named(self, collection: str | None) -> Any:
        name = collection or self.collection
        if not name:
            raise ValueError("name a collection, here or as MONGODB_COLLECTION")
        return self.database[name]


def _id(mark: str, number: int) -> Any:
    """Eight bytes of the export, four of the row: later rows have greater ids."""
    kind = library("bson", "pymongo", "MongoDB").ObjectId
    return kind(sha256(mark.encode()).digest()[:8] + number.to_bytes(4, "big"))
