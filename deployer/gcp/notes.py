"""Small objects by which deployers of one target tell each other what they do.

Everything that two of them could write at once is written under a precondition of Cloud
Storage, which is consistent: of two writers one is told that it came late.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from deployer.deployments.lock import Seen
from deployer.errors import Conflict
from deployer.gcp.failures import Missing
from deployer.gcp.session import Session
from deployer.target import Target

Json = Any


@dataclass(frozen=True, slots=True)
class Note:
    """One state of an object."""

    generation: str
    metageneration: str
    age: float
    """Seconds since it was last touched, both told by Storage's clock."""

    @property
    def unchanged(self) -> dict[str, str]:
        """Query of a write that must find just this."""
        return {
            "ifGenerationMatch": self.generation,
            "ifMetagenerationMatch": self.metageneration,
        }


class Notes:
    """Objects in a target's own bucket."""

    def __init__(self, target: Target, session: Session) -> None:
        self.session = session
        self.root = target.endpoints.storage
        self.bucket = target.bucket
        self.project_id = target.project_id

    def create(self, name: str, data: bytes) -> str:
        """Its generation; empty when there is one of that name. `Missing` without the bucket."""
        return self.put(name, data, {"ifGenerationMatch": "0"})

    def replace(self, name: str, data: bytes, seen: Seen) -> str:
        """Its generation; empty when it is no longer what was seen."""
        return self.put(name, data, seen.unchanged)

    def put(self, name: str, data: bytes, condition: Mapping[str, str]) -> str:
        url = f"{self.root}/upload/storage/v1/b/{self.bucket}/o"
        query = {"uploadType": "media", "name": name, **condition}
        try:
            answer = self.session.raw("POST", url, f"writing {name}", query=query, data=data)
        except Conflict:
            return ""
        return str(answer.json()["generation"])

    def look(self, name: str) -> Note | None:
        try:
            answer = self.session.raw("GET", self.url(name), f"looking at {name}")
        except Missing:
            return None
        told = answer.json()
        touched = datetime.fromisoformat(told["updated"])
        age = (parsedate_to_datetime(answer.headers["date"]) - touched).total_seconds()
        return Note(str(told["generation"]), str(told["metageneration"]), age)

    def touch(self, name: str, generation: str, mark: str) -> bool:
        """Make it young again; False when it is gone or another one."""
        query, body = {"ifGenerationMatch": generation}, {"metadata": {"mark": mark}}
        try:
            self.session.call("PATCH", self.url(name), f"touching {name}", body, query)
        except (Missing, Conflict):
            return False
        return True

    def read(self, name: str) -> bytes | None:
        try:
            return self.session.content(self.url(name), f"reading {name}", {"alt": "media"})
        except Missing:
            return None

    def remove(self, name: str, generation: str = "") -> None:
        """Of the name, this generation or whatever is there; nothing is done if that is gone."""
        query = {"ifGenerationMatch": generation} if generation else None
        try:
            self.session.call("DELETE", self.url(name), f"deleting {name}", query=query)
        except (Missing, Conflict):
            return

    def names(self, prefix: str) -> list[str]:
        """In order; none without the bucket."""
        url = f"{self.root}/storage/v1/b/{self.bucket}/o"
        query = {"prefix": prefix, "fields": "items/name,nextPageToken"}
        try:
            found = list(self.session.pages(url, f"listing {prefix}", "items", query))
        except Missing:
            return []
        return [str(one["name"]) for one in found]

    def buckets(self, prefix: str) -> Iterator[Json]:
        """Every bucket of the Google project whose name starts so."""
        query = {"project": self.project_id, "prefix": prefix}
        return self.session.pages(f"{self.root}/storage/v1/b", "listing buckets", "items", query)

    def url(self, name: str) -> str:
        return f"{self.root}/storage/v1/b/{self.bucket}/o/{quote(name, safe='')}"
