"""Where outputs live: written once, under names that are computed and never listed.

A call writes its outputs under a random attempt id and publishes the manifest last, with a
precondition that lets only the first one through. A later attempt of the same block gets the
winner's manifest back and answers with it, so that a retry never counts twice.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any

from runtime import codecs
from runtime.contract import ArtifactRef, Manifest, run_prefix
from runtime.errors import InputProblem
from runtime.gcs import Bucket, workers
from runtime.record import record

if TYPE_CHECKING:
    from concurrent.futures import Future

Value = Any
MANIFEST = "manifest.json"
READ_BY_RANGES = 64 << 20
"""A larger table is not held encoded in memory while it is decoded."""
LINGERS = 256 << 10
"""A larger output is sent by another thread: its block's tests need not wait for that."""
ROUND = 16
"""Manifests of dynamic children asked for at once."""


def attempt_id() -> str:
    return os.urandom(8).hex()


def picture_name(name: str) -> str:
    """Of the picture beside an output of this name."""
    return f"{name.rpartition('.')[0]}.png"


@record
class Written:
    """A stored output, and its bytes while they are at hand."""

    ref: ArtifactRef
    data: bytes | None
    arriving: Future[bool] | None = None
    """Set while the bytes are on their way, beside the tests of what they hold."""


@record
class Artifacts:
    """The outputs of one run of one pipeline."""

    bucket: Bucket
    project: str
    pipeline: str
    run: str

    def prefix(self, *folders: str | int) -> str:
        """Object-name prefix of a block, or of a block's dynamic child."""
        below = "".join(f"{folder}/" for folder in folders)
        return f"{run_prefix(self.project, self.pipeline, self.run)}{below}"

    def manifests(self, prefixes: Sequence[str]) -> list[Manifest | None]:
        """Fetched side by side; None where nothing was published."""
        found = self.bucket.get_all([prefix + MANIFEST for prefix in prefixes])
        return [None if data is None else _manifest(data) for data in found]

    def children(self, prefix: str) -> Iterator[Manifest]:
        """The manifests of a dynamic child's calls 0, 1, 2 … until there is no more."""
        start = 0
        while True:
            places = [f"{prefix}{n}/" for n in range(start, start + ROUND)]
            for manifest in self.manifests(places):
                if manifest is None:
                    return
                yield manifest
            start += ROUND

    def publish(self, prefix: str, manifest: Manifest) -> Manifest:
        """The first to come wins; the answer is the winner's manifest."""
        data = json.dumps(manifest.to_json()).encode()
        if self.bucket.put(prefix + MANIFEST, data, create_only=True):
            return manifest
        winner = self.bucket.get(prefix + MANIFEST)
        return manifest if winner is None else _manifest(winner)

    def write(self, prefix: str, attempt: str, outputs: list[Value]) -> list[Written]:
        """Store a block's outputs, in order."""
        encoded = codecs.encode_many(outputs)
        return [
            self._write(f"{prefix}{attempt}/output_{n}", item) for n, item in enumerate(encoded)
        ]

    def _write(self, stem: str, item: codecs.Encoded) -> Written:
        name, meta = f"{stem}.{item.extension}", item.meta
        data: bytes | None = None
        arriving: Future[bool] | None = None
        if item.streamed:
            with self.bucket.writer(name) as upload:
                item.write(upload)  # type: ignore[arg-type]  # a raw file is all that Parquet needs
                size = upload.finish()
        else:
            data = item.data()
            size = len(data)
            arriving = self._sent(name, data)
        uri = f"gs://{self.bucket.name}/{name}"
        if item.picture is not None:
            self.bucket.put(picture_name(name), item.picture)
            meta = {**meta, "picture": len(item.picture)}
        return Written(ArtifactRef(uri, item.format, size, item.rows, meta), data, arriving)

    def _sent(self, name: str, data: bytes) -> Future[bool] | None:
        if len(data) > LINGERS:
            return workers().submit(self.bucket.put, name, data)
        self.bucket.put(name, data)
        return None

    def settle(self, written: Sequence[Written]) -> None:
        """All of them are stored, or the first failure is raised: a manifest may name them."""
        for item in written:
            if item.arriving is not None:
                item.arriving.result()

    def reread(self, written: Sequence[Written]) -> list[Value]:
        """What downstream will receive, from bytes at hand where possible."""
        outputs: list[Value] = []
        for item in written:
            outputs += self._decoded(item.ref, item.data)
        return outputs

    def outputs(self, manifest: Manifest) -> list[Value]:
        """The values of a block's outputs."""
        outputs: list[Value] = []
        for ref in manifest.outputs:
            outputs += self._decoded(ArtifactRef.from_json(ref), None)
        return outputs

    def _decoded(self, ref: ArtifactRef, data: bytes | None) -> list[Value]:
        value = codecs.decode(ref.format, self._source(ref) if data is None else data, ref.meta)
        return value if "spread" in ref.meta else [value]

    def _source(self, ref: ArtifactRef) -> bytes | IO[bytes]:
        name = self._own(ref.uri)
        if ref.format.startswith("parquet") and ref.bytes > READ_BY_RANGES:
            return self.bucket.reader(name, ref.bytes)
        data = self.bucket.get(name)
        if data is None:
            raise InputProblem(f"the stored output {ref.uri} is gone; run the pipeline again")
        return data

    def opened(self, ref: ArtifactRef) -> IO[bytes]:
        """A stored output as a file of which only the asked parts are fetched."""
        return self.bucket.reader(self._own(ref.uri), ref.bytes)

    def _own(self, uri: str) -> str:
        """Nothing is read that this project's own runs did not write."""
        home = f"gs://{self.bucket.name}/runs/{self.project}/"
        if not uri.startswith(home):
            raise InputProblem(f"{uri} is no output of this project (they are below {home})")
        return uri.removeprefix(f"gs://{self.bucket.name}/")


def _manifest(data: bytes) -> Manifest:
    return Manifest.from_json(json.loads(data))
