"""Parts of Cloud Storage that are not here: each is refused by its name, nothing is passed over.

ACLs of a bucket with uniform access are refused in Google's words, as in the cloud.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.services.storage.ask import Ask, StorageError, bad

ACLS = "ACLs: give roles on the bucket, with uniform bucket-level access"
PATHS = {
    "acl": ACLS,
    "defaultObjectAcl": ACLS,
    "anywhereCaches": "caches",
    "folders": "hierarchical namespace",
    "managedFolders": "managed folders: a condition on object names does the same",
    "restore": "soft delete: what is deleted is gone",
}
"""Below a bucket."""
ARGUMENTS = {
    "softDeleted": "soft delete: what is deleted is gone",
    "filter": "filters of lists of objects",
}
"""Of requests for buckets and objects."""
PUBLIC = ("publicRead", "publicReadWrite", "authenticatedRead")
"""Predefined ACLs that open something; the others leave everything to IAM."""
PREDEFINED = ("predefinedAcl", "predefinedDefaultObjectAcl", "destinationPredefinedAcl")
OWN_KEY = (b"x-goog-encryption-algorithm", b"x-goog-copy-source-encryption-algorithm")
ACCESS = {"GET": "get", "HEAD": "get", "POST": "insert", "DELETE": "delete"}
_MORE = "https://cloud.google.com/storage/docs/uniform-bucket-level-access"
Bucket = Mapping[str, Any]


def missing(what: str) -> StorageError:
    return StorageError(501, "notImplemented", f"The emulator has no {what}.")


def check_request(ask: Ask) -> None:
    """What a request may ask for by arguments and headers alone."""
    for name, what in ARGUMENTS.items():
        if ask.params.get(name, "false") not in ("false", ""):
            raise missing(what)
    if any(header in ask.headers for header in OWN_KEY):
        raise missing("encryption by a key that comes with the request")


def check_predefined(ask: Ask, bucket: Bucket) -> None:
    """Predefined ACLs of a new bucket or object."""
    asked = [value for name in PREDEFINED if (value := ask.params.get(name))]
    if asked and is_uniform(bucket):
        raise _legacy("insert", "an object")
    if any(value in PUBLIC for value in asked):
        raise missing(ACLS)


def check_given(bucket: Bucket, given: Mapping[str, Any]) -> None:
    """ACLs in an object's metadata."""
    if given.get("acl") and is_uniform(bucket):
        raise _legacy("update access control for", "an object", "")
    if given.get("acl"):
        raise missing(ACLS)


def of_object(ask: Ask, bucket: Bucket, what: str) -> StorageError:
    """`/o/<object>/acl…` and such."""
    if what == "acl" and is_uniform(bucket):
        return _legacy(ACCESS.get(ask.method, "update"), "an object")
    return missing(PATHS[what])


def of_bucket(bucket: Bucket, what: str) -> StorageError:
    """`/b/<bucket>/acl…` and such."""
    if "cl" in what.lower() and is_uniform(bucket):
        return bad(
            "Cannot use ACL API to update bucket policy when uniform bucket-level access is"
            f" enabled. Read more at {_MORE}"
        )
    return missing(PATHS[what])


def of_project(what: str) -> StorageError:
    """`/projects/<project>/hmacKeys…`."""
    if what == "hmacKeys":
        return missing("HMAC keys: sign with a service account's key file, or by IAM's signBlob")
    return StorageError(404, "notFound", f"{what} is not part of this API.")


def is_uniform(bucket: Bucket) -> bool:
    return bool(bucket["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"])


def _legacy(verb: str, of: str, kind: str = " legacy ACL for") -> StorageError:
    return bad(
        f"Cannot {verb}{kind} {of} when uniform bucket-level access is enabled."
        f" Read more at {_MORE}"
    )
