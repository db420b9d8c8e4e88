"""A table from one block to the next: written as an artifact and read back, beside bare pyarrow.

Both write Parquet with zstd and read it back into pandas; the artifact goes through an HTTP
server on this machine besides. Aim: within 1.2 times.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.measure import each, show, timed
from bench.postgres_export import ROWS, frame

ROOT = Path(__file__).parents[1]
ROUNDS = 5
SERVE = """
import time
from tests.runtime.fakes import FakeCloud
with FakeCloud.serving() as cloud:
    print(cloud.url, flush=True)
    time.sleep(3600)
"""


@contextmanager
def storage() -> Iterator[str]:
    """A storage server in a process of its own; its URL."""
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def main() -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from runtime.artifacts import Artifacts, attempt_id
    from runtime.contract import Manifest
    from runtime.gcs import Bucket

    data = frame()
    with storage() as url:
        os.environ["API_ENDPOINT_OVERRIDE"] = url
        os.environ["GCE_METADATA_HOST"] = f"{url.removeprefix('http://')}/md/block"
        artifacts = Artifacts(Bucket("bench"), "bench", "bench", "run")
        prefix = artifacts.prefix("block")
        kept = artifacts.write(prefix, attempt_id(), [data])[0].ref.to_json()
        plain = io.BytesIO()
        pq.write_table(pa.Table.from_pandas(data), plain, compression="zstd")
        print(
            f"  {ROWS:,} rows × {data.shape[1]} columns, {json.dumps(kept['bytes'])} bytes stored"
        )

        def bare_write() -> None:
            table = pa.Table.from_pandas(data)
            pq.write_table(table, io.BytesIO(), compression="zstd")

        manifest = Manifest("block", "x", [kept])
        bare_w, write, bare_r, read = each(
            [
                lambda: timed(bare_write),
                lambda: timed(lambda: artifacts.write(prefix, attempt_id(), [data])),
                lambda: timed(lambda: pq.read_table(pa.BufferReader(plain.getvalue())).to_pandas()),
                lambda: timed(lambda: artifacts.outputs(manifest)),
            ],
            ROUNDS,
        )
    show("bare pyarrow, write", bare_w)
    show("artifact, write", write, bare_w)
    show("bare pyarrow, read", bare_r)
    show("artifact, read", read, bare_r)
    show("write and read together", write + read, bare_w + bare_r, "aim: ≤ 1.2 ×")


if __name__ == "__main__":
    main()
