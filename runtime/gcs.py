"""Objects of one bucket through Cloud Storage's JSON API, over kept connections.

Small objects are one request each. Large ones are written by resumable upload in pieces and
read by ranges, so that memory holds one piece at a time (Google: Resumable uploads).
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from runtime.record import record
from runtime.web import Reply, authorized, authorized_gets, endpoint, is_local, refused

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

PIECE = 8 << 20
"""Bytes of one piece; a multiple of 256 KiB as the API demands."""


@cache
def workers() -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(16, thread_name_prefix="storage")


@record
class Bucket:
    """Whole objects by name; nothing is cached but connections."""

    name: str

    def get(self, name: str) -> bytes | None:
        """The content; None when there is no such object."""
        return self._content(name, authorized("GET", self._media_url(name)))

    def _content(self, name: str, reply: Reply) -> bytes | None:
        if reply.status == 404:
            return None
        if reply.status != 200:
            raise refused(f"reading gs://{self.name}/{name}", reply)
        return reply.data

    def get_all(self, names: Sequence[str]) -> list[bytes | None]:
        """Several at once, in order; the first in this thread."""
        if not names:
            return []
        if is_local(endpoint("storage")):
            replies = authorized_gets([self._media_url(name) for name in names])
            return [self._content(*pair) for pair in zip(names, replies, strict=True)]
        others = [workers().submit(self.get, name) for name in names[1:]]
        return [self.get(names[0]), *(other.result() for other in others)]

    def put(self, name: str, data: bytes, *, create_only: bool = False) -> bool:
        """Write in one request; False when `create_only` found something there."""
        only = "&ifGenerationMatch=0" if create_only else ""
        url = f"{self._upload_url('media', name)}{only}"
        headers = {"Content-Type": "application/octet-stream"}
        reply = authorized("POST", url, data, headers=headers)
        if reply.status == 412 and create_only:
            return False
        if reply.status != 200:
            raise refused(f"writing gs://{self.name}/{name}", reply)
        return True

    def reader(self, name: str, size: int) -> io.BufferedReader:
        """The object as a file that fetches the ranges it is asked for."""
        return io.BufferedReader(_Ranges(self, name, size), buffer_size=1 << 20)

    def writer(self, name: str) -> Upload:
        return Upload(self, name)

    def names(self, prefix: str, glob: str = "") -> list[dict[str, Any]]:
        """Objects below a prefix: name and times; one listing may take several pages."""
        items: list[dict[str, Any]] = []
        page = ""
        while True:
            query = f"prefix={_quoted(prefix)}" + (f"&pageToken={page}" if page else "")
            query += f"&matchGlob={_quoted(glob)}" if glob else ""
            reply = authorized("GET", f"{self._objects_url()}?{query}")
            if reply.status != 200:
                raise refused(f"listing gs://{self.name}/{prefix}", reply)
            answer = json.loads(reply.data)
            items.extend(answer.get("items", ()))
            page = answer.get("nextPageToken", "")
            if not page:
                return items

    def _objects_url(self) -> str:
        return f"{endpoint('storage')}/storage/v1/b/{self.name}/o"

    def _media_url(self, name: str) -> str:
        root = f"{endpoint('storage')}/download/storage/v1/b/{self.name}/o"
        return f"{root}/{_quoted(name)}?alt=media"

    def _upload_url(self, kind: str, name: str) -> str:
        root = f"{endpoint('storage')}/upload/storage/v1/b/{self.name}/o"
        return f"{root}?uploadType={kind}&name={_quoted(name)}"


def _quoted(name: str) -> str:
    """As one part of a URL."""
    from urllib.parse import quote

    return quote(name, safe="")


class _Ranges(io.RawIOBase):
    """An object as a seekable file; each read that the buffer cannot serve is one request."""

    def __init__(self, bucket: Bucket, name: str, size: int) -> None:
        self._url = bucket._media_url(name)
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        last = self._at + wanted - 1
        reply = authorized("GET", self._url, headers={"Range": f"bytes={self._at}-{last}"})
        if reply.status not in (200, 206):
            raise refused("reading a part of an output", reply)
        data = reply.data
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class Upload(io.RawIOBase):
    """A new object, sent in pieces while it is written; complete only when closed well.

    One piece is on its way while the next one is filled.
    """

    def __init__(self, bucket: Bucket, name: str) -> None:
        self._bucket = bucket
        self._name = name
        self._session = ""
        self._sent = 0
        self._filling: list[bytes] = []
        self._filled = 0
        self._sending: Future[None] | None = None

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._sent + self._filled

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        self._filling.append(bytes(view))
        self._filled += len(view)
        if self._filled > PIECE:
            self._send_whole_pieces()
        return len(view)

    def finish(self) -> int:
        """Send the rest; the object exists from now on. Its size."""
        self._arrived()
        rest = b"".join(self._filling)
        self._put(rest, self._sent, final=True)
        return self._sent + len(rest)

    def _send_whole_pieces(self) -> None:
        """The last bytes stay, so that the final request is never empty."""
        joined = b"".join(self._filling)
        whole = (len(joined) - 1) // PIECE * PIECE
        self._arrived()
        self._sending = workers().submit(self._put, joined[:whole], self._sent, final=False)
        self._sent += whole
        self._filling, self._filled = [joined[whole:]], len(joined) - whole

    def _arrived(self) -> None:
        if self._sending is not None:
            self._sending.result()

    def _put(self, piece: bytes, start: int, *, final: bool) -> None:
        end = start + len(piece)
        span = f"{start}-{end - 1}" if piece else "*"
        headers = {"Content-Range": f"bytes {span}/{end if final else '*'}"}
        reply = authorized("PUT", self._started(), piece, headers=headers, redirect=False)
        if reply.status != (200 if final else 308):
            raise refused(f"writing gs://{self._bucket.name}/{self._name}", reply)

    def _started(self) -> str:
        if not self._session:
            url = self._bucket._upload_url("resumable", self._name)
            reply = authorized("POST", url, b"")
            if reply.status != 200:
                raise refused(f"writing gs://{self._bucket.name}/{self._name}", reply)
            location = {k.lower(): v for k, v in reply.headers.items()}["location"]
            self._session = location
        return self._session
