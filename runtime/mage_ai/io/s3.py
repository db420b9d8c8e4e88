"""Amazon S3, and what speaks its protocol."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import BaseFile, FileFormat

KEYS = {
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "aws_session_token": "AWS_SESSION_TOKEN",
    "region_name": "AWS_REGION",
    "endpoint_url": "AWS_ENDPOINT",
}


class S3(BaseFile):
    """Load, export and look for objects; keyword arguments are boto3's."""

    def __init__(self, verbose: bool = False, **kwargs: Any) -> None:
        super().__init__(verbose=verbose)
        self.client = library("boto3", feature="S3").client("s3", **kwargs)

    @classmethod
    def with_config(cls, config: Any, **kwargs: Any) -> Self:
        given = {name: config[key] for name, key in KEYS.items() if config[key]}
        return cls(**{**given, **kwargs})

    def load(
        self,
        bucket_name: str,
        object_key: str,
        format: FileFormat | str | None = None,
        limit: int | None = None,
        **kwargs: Any,
    ) -> Any:
        self.say(f"Loading data from s3://{bucket_name}/{object_key}")
        kind = self._get_file_format(object_key, format)
        body = self.client.get_object(Bucket=bucket_name, Key=object_key)["Body"]
        return self._read(io.BytesIO(body.read()), kind, **kwargs)

    def export(
        self,
        data: Any,
        bucket_name: str,
        object_key: str,
        format: FileFormat | str | None = None,
        **kwargs: Any,
    ) -> None:
        """A table, or the path of a file."""
        self.say(f"Exporting data to s3://{bucket_name}/{object_key}")
        if isinstance(data, str | Path):
            self.client.upload_file(str(data), bucket_name, object_key)
            return
        content = self._encoded(data, self._get_file_format(object_key, format), **kwargs)
        self.client.put_object(Bucket=bucket_name, Key=object_key, Body=content)

    def exists(self, bucket_name: str, prefix: str) -> bool:
        found = self.client.list_objects_v2(Bucket=bucket_name, Prefix=prefix, MaxKeys=1)
        return bool(found.get("KeyCount"))
