"""MongoDB's wire protocol over a dict, as far as its Python client needs it.

OP_MSG with one document, and sections of documents beside it (MongoDB: Wire Protocol).
"""

from __future__ import annotations

import socketserver
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import bson

HELLO = {
    "ismaster": True, "isWritablePrimary": True, "maxBsonObjectSize": 16 << 20,
    "maxMessageSizeBytes": 48_000_000, "maxWriteBatchSize": 100_000, "minWireVersion": 0,
    "maxWireVersion": 21, "readOnly": False, "ok": 1.0,
}  # fmt: skip
Collections = dict[str, dict[Any, dict[str, Any]]]


@contextmanager
def mongo() -> Iterator[tuple[int, Collections]]:
    """Its port, and what it holds: collection → _id → document."""
    kept: Collections = {}
    handler = type("Handler", (_Handler,), {"kept": kept})
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1], kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(socketserver.StreamRequestHandler):
    kept: Collections

    def handle(self) -> None:
        while header := self.rfile.read(16):
            length, number, _, code = struct.unpack("<iiii", header)
            body = self.rfile.read(length - 16)
            answer = bson.encode(self._answer(_request(code, body)))
            if code == 2004:  # OP_QUERY, the first hello of old and new clients
                head = struct.pack("<iqii", 8, 0, 0, 1)
                self._send(1, number, head + answer)
            else:
                self._send(2013, number, struct.pack("<iB", 0, 0) + answer)

    def _send(self, code: int, to: int, body: bytes) -> None:
        self.wfile.write(struct.pack("<iiii", 16 + len(body), 1, to, code) + body)

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        if "insert" in asked:
            return self._insert(self.kept.setdefault(asked["insert"], {}), asked["documents"])
        if "find" in asked:
            wanted = asked.get("filter", {}).items()
            rows = self.kept.get(asked["find"], {}).values()
            found = [row for row in rows if all(row.get(k) == v for k, v in wanted)]
            place = f"{asked['$db']}.{asked['find']}"
            return {"cursor": {"firstBatch": found, "id": 0, "ns": place}, "ok": 1.0}
        return HELLO

    def _insert(
        self, rows: dict[Any, dict[str, Any]], documents: list[dict[str, Any]]
    ) -> dict[str, Any]:
        errors = []
        for n, document in enumerate(documents):
            if document["_id"] in rows:
                errors.append({"index": n, "code": 11000, "errmsg": "E11000 duplicate key"})
            rows.setdefault(document["_id"], document)
        told = {"writeErrors": errors} if errors else {}
        return {"n": len(documents) - len(errors), "ok": 1.0, **told}


def _request(code: int, body: bytes) -> dict[str, Any]:
    if code == 2004:
        start = body.index(b"\0", 4) + 9
        return bson.decode(body[start:])
    (flags,) = struct.unpack_from("<I", body)
    end = len(body) - (4 if flags & 1 else 0)
    asked: dict[str, Any] = {}
    place = 4
    while place < end:
        kind, (size,) = body[place], struct.unpack_from("<i", body, place + 1)
        section = body[place + 1 : place + 1 + size]
        if kind == 0:
            asked |= bson.decode(section)
        else:
            name, _, rest = section[4:].partition(b"\0")
            asked[name.decode()] = bson.decode_all(rest)
        place += 1 + size
    return asked
