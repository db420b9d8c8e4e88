"""Who may do what with buckets and objects, in Storage's own words."""

from __future__ import annotations

from emulator.cloud import OWNER, Access, Principal
from emulator.services.storage.ask import StorageError
from emulator.services.storage.catalog import Row
from emulator.services.storage.shelf import Shelf, no_object


class Guard:
    """Asks IAM on behalf of Storage's handlers."""

    def __init__(self, access: Access, shelf: Shelf) -> None:
        self._access = access
        self._shelf = shelf

    def project(self, caller: Principal, permission: str, project: str) -> None:
        if not self._access.holds(caller, permission, f"projects/{project}"):
            raise _denied(caller, permission, "project")

    def bucket(self, caller: Principal, permission: str, bucket: str) -> None:
        if not self._access.holds(caller, permission, f"projects/_/buckets/{bucket}"):
            raise _denied(caller, permission, "bucket")

    def object(self, caller: Principal, permission: str, bucket: str, name: str) -> None:
        if caller == OWNER:
            return
        if not self._access.holds(
            caller, permission, f"projects/_/buckets/{bucket}/objects/{name}"
        ):
            raise _denied(caller, permission, "object")

    def write(self, caller: Principal, bucket: str, name: str) -> None:
        """Writing over an object deletes the one before."""
        if caller == OWNER:
            return
        self.object(caller, "storage.objects.create", bucket, name)
        if self._shelf.find(bucket, name) is not None:
            self.object(caller, "storage.objects.delete", bucket, name)

    def read(self, caller: Principal, bucket: str, name: str, generation: int | None = None) -> Row:
        """The object; that there is none is told only to who may list the bucket."""
        self.object(caller, "storage.objects.get", bucket, name)
        row = self._shelf.find(bucket, name, generation)
        if row is not None:
            return row
        if not self._access.holds(caller, "storage.objects.list", f"projects/_/buckets/{bucket}"):
            raise _denied(caller, "storage.objects.list", "bucket")
        raise no_object(bucket, name)


def _denied(caller: Principal, permission: str, what: str) -> StorageError:
    message = (
        f"{caller.email} does not have {permission} access to the Google Cloud Storage {what}."
        f" Permission '{permission}' denied on resource (or it may not exist)."
    )
    return StorageError(403, "forbidden", message)
