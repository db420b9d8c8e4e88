"""`gs://` for jobs: the objects' own files, read as the caller may read them."""

from __future__ import annotations

import fnmatch
import shutil
import tempfile
from pathlib import Path
from typing import Any

from emulator.bigquery.errors import BigQueryError
from emulator.bigquery.extracting import split_uri
from emulator.cloud import Cloud, Principal


class CloudBuckets:
    """The `Buckets` of jobs, over the cloud's objects."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def found(self, uri: str, caller: Principal, must: bool = False) -> list[tuple[str, Path]]:
        bucket, name = split_uri(uri)
        self._may(caller, "storage.objects.get", bucket, name)
        names = self._names(bucket, name) if "*" in name else [name]
        if must and not names:
            raise BigQueryError("notFound", f"Not found: URI {uri}")
        try:
            return [(f"gs://{bucket}/{one}", self._cloud.objects.path(bucket, one))
                    for one in names]  # fmt: skip
        except Exception as error:
            if getattr(error, "code", 0) != 404:
                raise
            raise BigQueryError("notFound", f"Not found: URI {uri}") from None

    def put(self, uri: str, file: Path, kind: str, caller: Principal) -> None:
        bucket, name = split_uri(uri)
        self._may(caller, "storage.objects.create", bucket, name)
        folder = self._cloud.settings.data / "storage" / "incoming"
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as made:
            path = Path(made.name)
        shutil.copyfile(file, path)
        self._cloud.objects.put_file(bucket, name, path, kind)

    def _names(self, bucket: str, pattern: str) -> list[str]:
        shelf: Any = self._cloud.objects
        shelf.bucket(bucket)
        prefix = pattern.partition("*")[0]
        rows = (
            row.name for row in shelf.catalog.scan(bucket, prefix, prefix + chr(0x10FFFF), 100_000)
        )
        return [name for name in rows if fnmatch.fnmatchcase(name, pattern)]

    def _may(self, caller: Principal, permission: str, bucket: str, name: str) -> None:
        resource = f"projects/_/buckets/{bucket}/objects/{name}"
        if not self._cloud.access.holds(caller, permission, resource):
            raise BigQueryError(
                "accessDenied",
                f"Access Denied: File gs://{bucket}/{name}: {caller.email} does not have "
                f"{permission} access to the Google Cloud Storage object.",
            )
