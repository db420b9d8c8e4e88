"""One image for many functions: Cloud Run's `builds.submit`, once for all that changed."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deployer.errors import CloudError
from deployer.gcp.notes import Notes
from deployer.gcp.reasons import Reasons
from deployer.gcp.session import Session
from deployer.gcp.waiting import finish
from deployer.live import Work
from deployer.pace import WORTH_ANOTHER_TRY
from deployer.packaging.archive import Archive, archived
from deployer.resources import Function
from deployer.target import Target

Json = Any
REPOSITORY = "blocklift"
"""Of Artifact Registry."""
FOLDER = "builds"
"""Where sources lie in the target's bucket while they are built."""


@dataclass(slots=True)
class Order:
    """Something to be built, by whoever needs it first; the others wait for it."""

    archive: Archive
    runtime: str
    lock: threading.Lock = field(default_factory=threading.Lock)
    image: str = ""
    error: CloudError | None = None


class Images:
    """What is built for one target."""

    def __init__(
        self, target: Target, session: Session, owner: str, notes: Notes, reasons: Reasons
    ) -> None:
        self.target = target
        self.session = session
        self.owner = owner
        self.notes = notes
        self.reasons = reasons
        self.orders: dict[str, Order] = {}
        """By function."""

    def expect(self, functions: Sequence[Function]) -> None:
        """All that this deployment builds: a function of another Python has another image."""
        self.orders = {}
        for runtime in sorted({function.options.python for function in functions}):
            alike = [f.bundle for f in functions if f.options.python == runtime]
            for archive in archived(alike):
                order = Order(archive, runtime)
                self.orders |= dict.fromkeys(archive.names, order)

    def of(self, function: Function, work: Work) -> str:
        """The image that holds a function's bundle, by its digest."""
        if function.name not in self.orders:
            self.expect([function])
        order = self.orders[function.name]
        work.report("build: in the image of all")
        with order.lock:
            if order.error:
                raise order.error
            if not order.image:
                self.fill(order, work)
        return order.image

    def fill(self, order: Order, work: Work) -> None:
        """A build that failed by its own fault is not tried again for each function."""
        try:
            order.image = self.build(order, work)
        except CloudError as error:
            order.error = None if isinstance(error, WORTH_ANOTHER_TRY) else error
            raise

    def build(self, order: Order, work: Work) -> str:
        data = order.archive.zip_bytes()
        digest = hashlib.sha256(data).hexdigest()
        name = f"{FOLDER}/{self.owner}/{digest}.zip"
        work.report("uploading")
        self.notes.create(name, data)
        try:
            return self.built(self.request(name, digest, order.runtime), work)
        finally:
            self.notes.remove(name)

    def request(self, source: str, digest: str, runtime: str) -> Json:
        place = f"{self.target.region}-docker.pkg.dev/{self.target.project_id}/{REPOSITORY}"
        wanted: dict[str, Json] = {
            "storageSource": {"bucket": self.target.bucket, "object": source},
            "imageUri": f"{place}/{self.owner}:{digest[:12]}",
            "buildpackBuild": {"runtime": runtime, "functionTarget": "block"},
        }
        if account := self.target.build_account:
            project = self.target.project_id
            wanted["serviceAccount"] = f"projects/{project}/serviceAccounts/{account}"
        return wanted

    def built(self, request: Json, work: Work) -> str:
        doing = "building the image"
        root = self.target.endpoints
        url = f"{root.run}/v2/{self.target.parent}/builds:submit"
        operation = self.session.post(url, doing, request)["buildOperation"]
        build: Mapping[str, Json] = (operation.get("metadata") or {}).get("build") or {}
        place = f"{root.builds}/v1/{operation['name']}"
        work.report("build: in progress")
        try:
            finish(self.session, place, doing, self.target.polling)
        except CloudError as error:
            raise self.reasons.of(error, doing, str(build.get("id", ""))) from error
        made = self.session.get(place, doing)["response"]["results"]["images"][0]
        return f"{str(made['name']).rpartition(':')[0]}@{made['digest']}"
