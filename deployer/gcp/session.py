"""JSON over an authorized session: reads, and the APIs whose clients speak only gRPC.

Reading so needs no client library: a plan of an unchanged project imports none of them
(0.6 s) and parses no protobuf. What only reads is asked again when the answer is lost or the
target is busy; what writes is repeated by whoever knows what it was part of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from deployer.gcp.failures import Missing, reached, refusal
from deployer.pace import READS, Patience, RealClock, persist

Json = Any
CONNECT, SILENCE = 10.0, 60.0
"""Seconds to connect, and between two bytes."""
POOL = 16


class Session:
    """GET, POST, … of JSON, with our errors."""

    def __init__(self, http: Any, silence: float = SILENCE, patience: Patience = READS) -> None:
        """`http` is a requests.Session that knows who calls: `Target.http`."""
        from requests.adapters import HTTPAdapter

        self.http = http
        self.timeout = (min(CONNECT, silence), silence)
        self.patience = patience
        self.clock = RealClock()
        for scheme in ("http://", "https://"):
            self.http.mount(scheme, HTTPAdapter(pool_maxsize=POOL, pool_connections=POOL))

    def get(self, url: str, doing: str, query: Mapping[str, Json] | None = None) -> Json:
        return self.call("GET", url, doing, query=query)

    def find(self, url: str, doing: str, query: Mapping[str, Json] | None = None) -> Json | None:
        """Like `get`, but None for what does not exist."""
        try:
            return self.get(url, doing, query)
        except Missing:
            return None

    def post(
        self, url: str, doing: str, body: Json = None, query: Mapping[str, Json] | None = None
    ) -> Json:
        return self.call("POST", url, doing, body, query)

    def ask(self, url: str, doing: str, body: Json) -> Json:
        """A POST that changes nothing: asked again as a GET is."""
        return self.patiently(lambda: self.post(url, doing, body))

    def call(
        self,
        method: str,
        url: str,
        doing: str,
        body: Json = None,
        query: Mapping[str, Json] | None = None,
    ) -> Json:
        answer = self.raw(method, url, doing, query=query, json=body)
        return answer.json() if answer.content else {}

    def content(self, url: str, doing: str, query: Mapping[str, Json] | None = None) -> bytes:
        return bytes(self.raw("GET", url, doing, query=query).content)

    def raw(
        self,
        method: str,
        url: str,
        doing: str,
        query: Mapping[str, Json] | None = None,
        json: Json = None,
        data: bytes | None = None,
    ) -> Any:
        def once() -> Any:
            with reached(doing):
                answer = self.http.request(
                    method, url, params=query, json=json, data=data, timeout=self.timeout
                )
            if answer.status_code >= 400:
                raise refusal(answer.status_code, message_of(answer), doing)
            return answer

        return self.patiently(once) if method == "GET" else once()

    def patiently(self, read: Callable[[], Any]) -> Any:
        return persist(read, self.patience, self.clock)

    def pages(
        self, url: str, doing: str, items: str, query: Mapping[str, Json] | None = None
    ) -> Iterator[Json]:
        """Every item of a list, page by page."""
        wanted = dict(query or {})
        while True:
            page = self.get(url, doing, wanted)
            yield from page.get(items, ())
            if not page.get("nextPageToken"):
                return
            wanted["pageToken"] = page["nextPageToken"]


def message_of(answer: Any) -> str:
    """Google's `error.message`, or whatever else the answer says."""
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        return str(answer.text[:500])
    return str(error["message"]) if isinstance(error, dict) and "message" in error else str(error)
