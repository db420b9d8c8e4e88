"""What survives of a deployed service: which revision serves, and all that it needs to start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, Self

from emulator.cloud import project_number
from emulator.store import Store

SERVICE, REVISION = "run-service", "run-revision"


@dataclass(frozen=True, slots=True)
class SecretVariable:
    """An environment variable that takes its value from Secret Manager at instance start."""

    key: str
    project: str
    secret: str
    version: str


@dataclass(frozen=True, slots=True)
class Revision:
    """One deployed version of a service: never changed once made."""

    name: str
    """Short, e.g. `load-00002-kip`."""
    service: str
    """Full name, `projects/P/locations/L/services/S`."""
    source: str
    file: str
    target: str
    account: str
    signature: str = "http"
    build_variables: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[SecretVariable, ...] = ()
    concurrency: int = 1
    min_instances: int = 0
    max_instances: int = 100
    timeout: float = 60.0
    memory: int = 256 * 10**6
    ingress: str = "ALLOW_ALL"

    @property
    def project(self) -> str:
        return self.service.split("/")[1]

    @property
    def location(self) -> str:
        return self.service.split("/")[3]

    @property
    def short(self) -> str:
        return self.service.rpartition("/")[2]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        secrets = tuple(SecretVariable(**one) for one in data["secrets"])
        return cls(**{**data, "secrets": secrets})


@lru_cache(4096)
def uri_of(service: str) -> str:
    """The deterministic URL (Cloud Run: "Deterministic URL")."""
    _, project, _, location, _, short = service.split("/")
    return f"https://{short}-{project_number(project)}.{location}.run.app"


class Records:
    """Services and revisions in the emulator's store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._serving: dict[str, Revision] = {}
        self._found: dict[str, str] = {}
        """What labels stood for since services last came or went."""

    def service(self, name: str) -> dict[str, Any] | None:
        """What `services/run` shows; `revision`: the full name of the newest; `pinned`: of the
        one that serves instead, if any.
        """
        found: dict[str, Any] | None = self._store.get(SERVICE, name)
        return found

    def services(self, prefix: str = "projects/") -> Iterator[dict[str, Any]]:
        return (value for _, value in self._store.list(SERVICE, prefix))

    def serving(self, service: str) -> Revision | None:
        if (known := self._serving.get(service)) is not None:
            return known
        record = self.service(service)
        if record is None:
            return None
        found = self.revision(record.get("pinned") or record["revision"])
        assert found is not None, record["revision"]
        self._serving[service] = found
        return found

    def revision(self, full: str) -> Revision | None:
        data: dict[str, Any] | None = self._store.get(REVISION, full)
        return Revision.from_json(data) if data else None

    def revisions(self, service: str) -> list[Revision]:
        """Newest first, as their names have the generation in them."""
        found = [Revision.from_json(v) for _, v in self._store.list(REVISION, f"{service}/")]
        return sorted(found, key=lambda one: one.name, reverse=True)

    def serve(self, revision: Revision, record: dict[str, Any]) -> None:
        """The newest of its service from now on; it answers unless another one is pinned."""
        full = f"{revision.service}/revisions/{revision.name}"
        self._store.put(REVISION, full, asdict(revision))
        self._store.put(SERVICE, revision.service, {**record, "revision": full})
        self._serving.pop(revision.service, None)
        self._found.clear()

    def pin(self, service: str, full: str | None) -> None:
        """All calls go to this revision from now on; None: to the newest."""
        record = self.service(service) or {}
        self._store.put(SERVICE, service, {**record, "pinned": full})
        self._serving.pop(service, None)

    def forget(self, full: str) -> None:
        self._store.delete(REVISION, full)

    def remove(self, service: str) -> None:
        self._store.delete(SERVICE, service)
        for name, _ in self._store.list(REVISION, f"{service}/revisions/"):
            self._store.delete(REVISION, name)
        self._serving.pop(service, None)
        self._found.clear()

    def find(self, label: str) -> str | None:
        """Full name of the service that a host `<service>-<number>.<region>` or a bare
        `<service>` stands for; a bare name means the first that has it.
        """
        if (known := self._found.get(label)) is not None:
            return known
        for record in self.services():
            _, project, _, location, _, short = record["name"].split("/")
            if label in (f"{short}-{project_number(project)}.{location}", short):
                self._found[label] = str(record["name"])
                return self._found[label]
        return None
