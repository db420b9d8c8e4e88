"""Cloud Run: which revision of a function's service answers its calls.

A function's next deploy takes all traffic again (`allTrafficOnLatestRevision`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deployer.gcp.failures import Missing
from deployer.gcp.session import Session
from deployer.gcp.waiting import finish
from deployer.live import Live
from deployer.resources import Function
from deployer.target import Target

Json = Any
LATEST = {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100}
REVISION = {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "percent": 100}


class Traffic:
    """Of the services below one target's functions."""

    def __init__(self, target: Target, session: Session) -> None:
        self.target = target
        self.session = session
        self.api = f"{target.endpoints.run}/v2"

    def serving(self, service: str) -> str:
        """The revision that most calls go to, unless that is the newest."""
        url = f"{self.api}/{self.target.parent}/services/{service}"
        found = self.session.get(url, f"reading service {service}").get("traffic") or ()
        none: Mapping[str, Json] = {}
        most = max(found, key=lambda one: int(one.get("percent", 0)), default=none)
        return str(most.get("revision", ""))

    def goes_to(self, function: Function, live: Live) -> bool:
        """All calls go to the function's wanted revision; False when that is gone."""
        name = f"{self.target.parent}/services/{function.name}"
        doing = f"sending calls of {function.name} to {function.revision}"
        wanted = [LATEST]
        if live.revision != function.revision:
            try:
                self.session.get(f"{self.api}/{name}/revisions/{function.revision}", doing)
            except Missing:
                return False
            wanted = [{**REVISION, "revision": function.revision}]
        body = {"name": name, "traffic": wanted}
        mask = {"updateMask": "traffic"}
        operation = self.session.call("PATCH", f"{self.api}/{name}", doing, body, mask)
        finish(self.session, f"{self.api}/{operation['name']}", doing, self.target.polling)
        return True
