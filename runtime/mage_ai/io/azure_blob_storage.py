"""Azure Blob Storage."""

from __future__ import annotations

import io
from functools import cached_property
from typing import Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import BaseFile, FileFormat

OWN = ("tenant_id", "client_id", "client_secret")
"""Who an application of one's own is; without all of them the surroundings are asked."""


class AzureBlobStorage(BaseFile):
    """Load, export and look for blobs."""

    def __init__(self, verbose: bool = False, **kwargs: Any) -> None:
        super().__init__(verbose=verbose)
        self._options = kwargs

    @classmethod
    def with_config(cls, config: Any, **kwargs: Any) -> Self:
        if not config["AZURE_STORAGE_ACCOUNT_NAME"]:
            raise ValueError("AZURE_STORAGE_ACCOUNT_NAME must be set for Azure Blob Storage")
        return cls(
            tenant_id=config["AZURE_TENANT_ID"],
            client_id=config["AZURE_CLIENT_ID"],
            client_secret=config["AZURE_CLIENT_SECRET"],
            storage_account_name=config["AZURE_STORAGE_ACCOUNT_NAME"],
            **kwargs,
        )

    @cached_property
    def client(self) -> Any:
        blob = library("azure.storage.blob", "azure-storage-blob", "Azure Blob Storage")
        options = {k: v for k, v in self._options.items() if k not in OWN}
        account = options.pop("storage_account_name", None)
        options.setdefault("account_url", f"https://{account}.blob.core.windows.net")
        if "credential" not in options:
            options["credential"] = self._identity()
        return blob.BlobServiceClient(**options)

    @property
    def service_client(self) -> Any:
        """Mage's name for it."""
        return self.client

    def _identity(self) -> Any:
        identity = library("azure.identity", "azure-identity", "Azure Blob Storage")
        own = {name: self._options.get(name) for name in OWN}
        if all(own.values()):
            return identity.ClientSecretCredential(**own)
        return identity.DefaultAzureCredential()

    def load(
        self,
        container_name: str,
        blob_path: str,
        format: FileFormat | str | None = None,
        limit: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """The table; a blob that is not there gives an empty one."""
        self.say(f"Loading data from {container_name}/{blob_path}")
        kind = self._get_file_format(blob_path, format)
        blob = self.client.get_blob_client(container_name, blob_path)
        if not blob.exists():
            return library("pandas", feature="reading a table").DataFrame()
        return self._read(io.BytesIO(blob.download_blob().readall()), kind, **kwargs)

    def export(
        self,
        df: Any,
        container_name: str,
        blob_path: str,
        format: FileFormat | str | None = None,
        **kwargs: Any,
    ) -> None:
        """An earlier blob of that name is replaced, so that a repeated attempt does no harm."""
        self.say(f"Exporting data to {container_name}/{blob_path}")
        upload = kwargs.pop("upload_kwargs", None) or {}
        content = self._encoded(df, self._get_file_format(blob_path, format), **kwargs)
        blob = self.client.get_blob_client(container_name, blob_path)
        blob.upload_blob(content, **{"overwrite": True, **upload})

    def exists(self, container_name: str, prefix: str) -> bool:
        """Whether there is a blob of just this name."""
        return bool(self.client.get_blob_client(container_name, prefix).exists())
