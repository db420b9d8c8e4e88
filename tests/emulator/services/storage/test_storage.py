"""The clients that people use beside Google's own: obstore, gcsfs, pyarrow, pandas.

Each runs in a process of its own with nothing but the environment that `emulator env` prints.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from emulator.commands.env import variables

OBSTORE = """
import obstore, os
from obstore.store import GCSStore

store = GCSStore(BUCKET, client_options={"allow_http": True})
data = os.urandom(12_000_000)
made = obstore.put(store, "a/small", b"12345", attributes={"Content-Type": "text/x", "k": "v"})
assert made["version"] and made["e_tag"], made
obstore.put(store, "a/big one", data)
obstore.put(store, "a/parts", data, use_multipart=True, chunk_size=5 * 1024 * 1024)
assert obstore.get(store, "a/parts").bytes() == data
got = obstore.get(store, "a/small")
assert got.attributes["Content-Type"] == "text/x" and got.attributes["k"] == "v", got.attributes
assert bytes(obstore.get_range(store, "a/big one", start=10, length=5)) == data[10:15]
parts = obstore.get_ranges(store, "a/parts", starts=[0, 9_000_000], lengths=[3, 7])
assert [bytes(part) for part in parts] == [data[:3], data[9_000_000:9_000_007]]
assert obstore.head(store, "a/small")["size"] == 5
assert [o["path"] for page in obstore.list(store, "a") for o in page] == [
    "a/big one", "a/parts", "a/small"]
assert obstore.list_with_delimiter(store)["common_prefixes"] == ["a"]
obstore.copy(store, "a/small", "b/copy")
obstore.rename(store, "b/copy", "b/moved")
try:
    obstore.put(store, "b/moved", b"x", mode="create")
    raise SystemExit("written over")
except obstore.exceptions.AlreadyExistsError:
    pass
seen = obstore.put(store, "b/moved", b"y")
obstore.put(store, "b/moved", b"z", mode={"e_tag": seen["e_tag"], "version": seen["version"]})
try:
    obstore.put(store, "b/moved", b"w", mode={"e_tag": seen["e_tag"], "version": seen["version"]})
    raise SystemExit("an old version was taken")
except obstore.exceptions.PreconditionError:
    pass
obstore.delete(store, ["a/small", "a/parts", "a/big one", "b/moved"])
assert not [o for page in obstore.list(store) for o in page]
try:
    obstore.get(store, "a/small")
    raise SystemExit("still there")
except FileNotFoundError:
    pass
"""

GCSFS = """
import gcsfs, os

fs = gcsfs.GCSFileSystem()
root = BUCKET
data = os.urandom(11_000_000)
with fs.open(f"{root}/d/big", "wb", block_size=5 * 2**20) as file:
    file.write(data)
fs.pipe({f"{root}/d/{n}": bytes([n]) for n in range(5)})
assert fs.cat_file(f"{root}/d/big", 5_000_000, 5_000_009) == data[5_000_000:5_000_009]
assert sorted(fs.ls(f"{root}/d")) == [f"{root}/d/{n}" for n in [0, 1, 2, 3, 4, "big"]]
assert fs.cat(f"{root}/d/[0-2]") == {f"{root}/d/{n}": bytes([n]) for n in range(3)}
assert fs.info(f"{root}/d/big")["size"] == len(data)
assert fs.checksum(f"{root}/d/big")
fs.setxattrs(f"{root}/d/0", content_type="text/x", colour="blue")
fs.invalidate_cache()
assert fs.getxattr(f"{root}/d/0", "colour") == "blue"
fs.copy(f"{root}/d/big", f"{root}/e/copy")
fs.mv(f"{root}/e/copy", f"{root}/e/moved")
fs.merge(f"{root}/e/both", [f"{root}/d/1", f"{root}/d/2"])
assert fs.cat(f"{root}/e/both") == bytes([1, 2])
assert fs.glob(f"{root}/**/mo*") == [f"{root}/e/moved"]
with fs.open(f"{root}/e/moved") as file:
    file.seek(-4, 2)
    assert file.read() == data[-4:]
fs.rm(f"{root}/d", recursive=True)
assert not fs.exists(f"{root}/d/big") and fs.find(root) == [f"{root}/e/both", f"{root}/e/moved"]
fs.rm(f"{root}/e", recursive=True)
try:
    fs.info(f"{root}/none")
    raise SystemExit("found")
except FileNotFoundError:
    pass
"""

PYARROW = """
import pyarrow as pa, pyarrow.dataset as ds, pyarrow.parquet as pq
from pyarrow.fs import FileSelector, GcsFileSystem

fs = GcsFileSystem(anonymous=True)
table = pa.table({"n": range(200_000), "k": [i % 3 for i in range(200_000)]})
pq.write_table(table, f"{BUCKET}/one.parquet", filesystem=fs)
assert pq.read_table(f"{BUCKET}/one.parquet", filesystem=fs).equals(table)
ds.write_dataset(table, f"{BUCKET}/set", filesystem=fs, format="parquet", partitioning=["k"])
again = ds.dataset(f"{BUCKET}/set", filesystem=fs, partitioning=["k"], format="parquet")
assert again.count_rows() == len(table)
with fs.open_output_stream(f"{BUCKET}/text", metadata={"Content-Type": "text/x"}) as out:
    out.write(b"12345")
with fs.open_input_file(f"{BUCKET}/text") as file:
    file.seek(2)
    assert file.read() == b"345"
fs.copy_file(f"{BUCKET}/text", f"{BUCKET}/copy")
fs.move(f"{BUCKET}/copy", f"{BUCKET}/moved")
names = {info.base_name for info in fs.get_file_info(FileSelector(BUCKET))}
assert names == {"one.parquet", "set", "text", "moved"}, names
fs.delete_dir(f"{BUCKET}/set")
assert fs.get_file_info(f"{BUCKET}/set").type.name == "NotFound"
"""

PANDAS = """
import pandas as pd

frame = pd.DataFrame({"a": range(1000), "t": pd.date_range("2026-01-01", periods=1000, freq="h")})
frame.to_parquet(f"gs://{BUCKET}/f.parquet")
pd.testing.assert_frame_equal(pd.read_parquet(f"gs://{BUCKET}/f.parquet"), frame)
frame.to_csv(f"gs://{BUCKET}/f.csv.gz", index=False)
assert pd.read_csv(f"gs://{BUCKET}/f.csv.gz")["a"].sum() == 499500
"""

GOOGLE = """
from google.cloud import storage

client = storage.Client()
assert client.project == "blocklift-local"
blob = client.bucket(BUCKET).blob("x")
blob.upload_from_string("12345")
with blob.open("rb") as file:
    assert file.read(3) == b"123"
assert [b.name for b in client.list_blobs(BUCKET)] == ["x"]
"""


@pytest.mark.parametrize(
    "code",
    [OBSTORE, GCSFS, PYARROW, PANDAS, GOOGLE],
    ids=["obstore", "gcsfs", "pyarrow", "pandas", "google"],
)
def test_finds_the_emulator_by_environment_alone(emulator, bucket: str, code: str) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = kept | variables(emulator.url, "blocklift-local")
    done = subprocess.run(
        [sys.executable, "-c", f"BUCKET = {bucket!r}\n{code}"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
