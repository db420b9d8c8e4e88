"""Cloud Storage: tables as objects.

Without a key of its own it uses the runtime's light client and the function's identity;
`client` is Google's library, imported when something asks for it.
"""

from __future__ import annotations

import io
from functools import cached_property
from pathlib import Path
from typing import Any

from runtime.gcs import Bucket
from runtime.libraries import library
from runtime.mage_ai.io.base import BaseFile, FileFormat
from runtime.mage_ai.io.google_io import GoogleIO


class GoogleCloudStorage(GoogleIO, BaseFile):
    """Load, export and look for objects."""

    @cached_property
    def client(self) -> Any:
        storage = library("google.cloud.storage", "google-cloud-storage", "a storage client")
        return storage.Client(**{**self._identity(), **self._options})

    def load(
        self,
        bucket_name: str,
        object_key: str,
        format: FileFormat | str | None = None,
        limit: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """The table; an object that is not there gives an empty one."""
        self.say(f"Loading data from gs://{bucket_name}/{object_key}")
        kind = self._get_file_format(object_key, format)
        data = self._get(bucket_name, object_key)
        if data is None:
            return library("pandas", feature="reading a table").DataFrame()
        return self._read(io.BytesIO(data), kind, **kwargs)

    def export(
        self,
        data: Any,
        bucket_name: str,
        object_key: str,
        format: FileFormat | str | None = None,
        **kwargs: Any,
    ) -> None:
        """A table of pandas or polars, or the path of a file."""
        self.say(f"Exporting data to gs://{bucket_name}/{object_key}")
        if isinstance(data, str | Path):
            self._put(bucket_name, object_key, Path(data).read_bytes())
        else:
            kind = self._get_file_format(object_key, format)
            self._put(bucket_name, object_key, self._encoded(data, kind, **kwargs))

    def exists(self, bucket_name: str, prefix: str) -> bool:
        """Whether there is an object whose name begins so."""
        if self._credentials is None:
            return bool(Bucket(bucket_name).names(prefix))
        return next(iter(self.client.list_blobs(bucket_name, prefix=prefix)), None) is not None

    def _get(self, bucket: str, name: str) -> bytes | None:
        if self._credentials is None:
            return Bucket(bucket).get(name)
        blob = self.client.bucket(bucket).blob(name)
        data: bytes | None = blob.download_as_bytes() if blob.exists() else None
        return data

    def _put(self, bucket: str, name: str, data: bytes) -> None:
        if self._credentials is None:
            Bucket(bucket).put(name, data)
        else:
            self.client.bucket(bucket).blob(name).upload_from_string(data)
