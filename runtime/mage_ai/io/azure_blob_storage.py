"""Azure Blob Storage."""

from __future__ import annotations

import io
from functools import cached_property
from typing import Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import BaseFile, FileFormat


class AzureBlobStorage(BaseFile):
    """Load, export and look for blobs."""

    def __init__(self, verbose: bool = False, **kwargs: Any) -> None:
        super().__init__(verbose=verbose)
        self._options = kwargs

    @classmethod
    def with_config(cls, config: Any, **kwargs: Any) -> Self:
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
        options = dict(self._options)
        if "account_url" in options:
            return blob.BlobServiceClient(**options)
        identity = library("azure.identity", "azure-identity", "Azure Blob Storage")
        account = options.pop("storage_account_name")
        secret = identity.ClientSecretCredential(**options)
        return blob.BlobServiceClient(f"https://{account}.blob.core.windows.net", credential=secret)

    def load(
        self,
        container_name: str,
        blob_path: str,
        format: FileFormat | str | None = None,
        limit: int | None = None,
        **kwargs: Any,
    ) -> Any:
        self.say(f"Loading data from {container_name}/{blob_path}")
        blob = self.client.get_blob_client(container_name, blob_path)
        data = blob.download_blob().readall()
        return self._read(io.BytesIO(data), self._get_file_format(blob_path, format), **kwargs)

    def export(
        self,
        df: Any,
        container_name: str,
        blob_path: str,
        format: FileFormat | str | None = None,
        **kwargs: Any,
    ) -> None:
        self.say(f"Exporting data to {container_name}/{blob_path}")
        upload = kwargs.pop("upload_kwargs", None) or {}
        content = self._encoded(df, self._get_file_format(blob_path, format), **kwargs)
        blob = self.client.get_blob_client(container_name, blob_path)
        blob.upload_blob(content, **{"overwrite": True, **upload})

    def exists(self, container_name: str, prefix: str) -> bool:
        container = self.client.get_container_client(container_name)
        return next(iter(container.list_blobs(name_starts_with=prefix)), None) is not None
