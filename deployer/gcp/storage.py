"""Cloud Storage: the bucket of a project's artifacts, and its small objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import islice
from typing import Any
from urllib.parse import quote

from deployer.errors import Conflict
from deployer.gcp.failures import Missing, told
from deployer.gcp.session import Session
from deployer.live import Live, Work
from deployer.resources import HASH_LABEL, PROJECT_LABEL, Bucket, Kind, digest
from deployer.target import Target

Json = Any
RUNS = "runs/"
ONE_DAY = 1


class Buckets:
    """Keeper of buckets."""

    def __init__(self, target: Target, session: Session, owner: str) -> None:
        self.target = target
        self.session = session
        self.owner = owner

    @cached_property
    def client(self) -> Any:
        from google.cloud.storage import Client

        return Client(
            project=self.target.project_id,
            credentials=self.target.credentials(),
            client_options={"api_endpoint": self.target.endpoints.storage},
        )

    def list(self, owner: str, wanted: Sequence[Bucket]) -> Sequence[Live]:
        """Bucket names are global, so only those asked for are looked at."""
        found = ((bucket, self.find(bucket.name)) for bucket in wanted)
        return [live_of(owner, bucket, data) for bucket, data in found if data is not None]

    def find(self, name: str) -> Json | None:
        url = f"{self.target.endpoints.storage}/storage/v1/b/{name}"
        found: Json | None = self.session.find(url, f"reading bucket {name}")
        return found

    def put(self, resource: Bucket, live: Live | None, work: Work) -> None:
        bucket = self.client.bucket(resource.name)
        with told(f"making bucket {resource.name}"):
            if live is not None:
                bucket.reload(**self.target.once)
            self.shape(bucket, resource)
            if live is not None:
                bucket.patch(**self.target.once)
                return
        try:
            with told(f"making bucket {resource.name}"):
                self.client.create_bucket(bucket, location=resource.location, **self.target.once)
        except Conflict as error:
            self.take_over(resource, work, error)

    def shape(self, bucket: Any, resource: Bucket) -> None:
        """Private, one policy, artifacts that go away, nothing deleted kept and billed."""
        mine = {PROJECT_LABEL: self.owner, HASH_LABEL: digest(resource, {})}
        bucket.labels = {**bucket.labels, **mine}
        bucket.iam_configuration.uniform_bucket_level_access_enabled = True
        bucket.iam_configuration.public_access_prevention = "enforced"
        if resource.keep_days is not None:
            bucket.lifecycle_rules = []
            bucket.add_lifecycle_delete_rule(age=resource.keep_days, matches_prefix=[RUNS])
            bucket.add_lifecycle_abort_incomplete_multipart_upload_rule(age=ONE_DAY)
            bucket.soft_delete_policy.retention_duration_seconds = 0

    def take_over(self, resource: Bucket, work: Work, error: Conflict) -> None:
        """It is there: perhaps our own earlier call made it; perhaps it is a stranger's."""
        found = self.find(resource.name)
        live = live_of(self.owner, resource, found) if found else None
        if live is None or live.owner != self.owner:
            raise Conflict(str(error), "bucket names are global: choose another one") from error
        self.put(resource, live, work)

    def drop(self, live: Live) -> None:
        """The bucket and all that is in it."""
        from google.cloud.exceptions import NotFound

        with told(f"deleting bucket {live.name}"):
            try:
                bucket = self.client.bucket(live.name)
                found = list(self.client.list_blobs(bucket, **self.target.once))
                bucket.delete_blobs(found, on_error=gone, **self.target.once)
                bucket.delete(**self.target.once)
            except NotFound:
                return


def gone(_: Json) -> None:
    """An object that is not there any more is as wanted."""


def live_of(owner: str, wanted: Bucket, data: Mapping[str, Json]) -> Live:
    labels = data.get("labels") or {}
    mine = labels.get(PROJECT_LABEL, "")
    hashed = labels.get(HASH_LABEL, "")
    if wanted.keep_days is None and not mine:  # a data bucket may be anybody's
        mine, hashed = owner, digest(wanted, {})
    fields = {"location": data.get("location"), "lifecycle.days": days_of(data)}
    return Live(Kind.BUCKET, wanted.name, wanted.name, mine, digest=hashed, fields=fields)


def days_of(data: Mapping[str, Json]) -> int | None:
    rules = (data.get("lifecycle") or {}).get("rule") or ()
    ages = [r["condition"].get("age") for r in rules if r["action"]["type"] == "Delete"]
    return ages[0] if ages else None


class Objects:
    """Reading small objects, as progress and results are small."""

    def __init__(self, target: Target, session: Session) -> None:
        self.target = target
        self.session = session

    def read(self, name: str) -> bytes | None:
        """The object's content, or None."""
        try:
            return self.session.content(self.url(name), f"reading {name}", {"alt": "media"})
        except Missing:
            return None

    def remove(self, name: str) -> None:
        """Nothing of that name afterwards, whether there was or not."""
        with suppress(Missing):
            self.session.call("DELETE", self.url(name), f"deleting {name}")

    def list(self, bucket: str, prefix: str, most: int) -> Iterator[Json]:
        """What Storage says of objects whose names start so, by name."""
        url = f"{self.target.endpoints.storage}/storage/v1/b/{bucket}/o"
        query = {"prefix": prefix, "maxResults": most}
        return islice(self.session.pages(url, f"listing {bucket}", "items", query), most)

    def url(self, name: str) -> str:
        place = f"b/{self.target.bucket}/o/{quote(name, safe='')}"
        return f"{self.target.endpoints.storage}/storage/v1/{place}"
