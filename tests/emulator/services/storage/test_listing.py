"""Lists against a model of two lines: sorted names, folded at a delimiter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.services.storage.catalog import Catalog, Row
from emulator.services.storage.listing import Query, page

NAMES = st.lists(st.text("ab/é", min_size=1, max_size=5), max_size=30, unique=True)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    made = Catalog(tmp_path_factory.mktemp("listing") / "catalog.sqlite")
    yield made
    made.close()


def expected(names: list[str], prefix: str, delimiter: str) -> tuple[list[str], list[str]]:
    kept = sorted((n for n in names if n.startswith(prefix)), key=str.encode)
    folded = {
        n[: n.index(delimiter, len(prefix)) + len(delimiter)]
        for n in kept
        if delimiter and delimiter in n[len(prefix) :]
    }
    plain = [n for n in kept if not (delimiter and delimiter in n[len(prefix) :])]
    return plain, sorted(folded, key=str.encode)


def all_pages(catalog: Catalog, query: Query) -> tuple[list[str], list[str]]:
    names: list[str] = []
    prefixes: list[str] = []
    while True:
        found = page(catalog, query)
        assert len(found) <= query.limit
        names += [row.name for row in found.rows]
        prefixes += found.prefixes
        if found.token is None:
            return names, prefixes
        assert len(found) == query.limit
        from dataclasses import replace

        from emulator.services.storage.listing import _decode

        query = replace(query, after=_decode(found.token))


_buckets = iter(range(10**9))


@settings(max_examples=150, deadline=None)
@given(NAMES, st.sampled_from(["", "a", "a/", "é"]), st.sampled_from(["", "/"]), st.integers(1, 7))
def test_every_page_size_lists_the_same(catalog, names, prefix, delimiter, limit) -> None:
    bucket = str(next(_buckets))
    for name in names:
        catalog.put(Row(bucket, name, 1, 1, b"{}"))
    query = Query(bucket, prefix=prefix, delimiter=delimiter, limit=limit)
    assert all_pages(catalog, query) == expected(names, prefix, delimiter)


def test_offsets_and_globs(client, google_bucket) -> None:
    for name in ("a/1.csv", "a/2.txt", "b/3.csv", "c.csv"):
        google_bucket.blob(name).upload_from_string("x")

    def names(**query: object) -> list[str]:
        return [blob.name for blob in client.list_blobs(google_bucket, **query)]

    assert names(start_offset="a/2", end_offset="c") == ["a/2.txt", "b/3.csv"]
    assert names(match_glob="**.csv") == ["a/1.csv", "b/3.csv", "c.csv"]
    assert names(match_glob="*.csv") == ["c.csv"]
    assert names(match_glob="{a,b}/?.csv") == ["a/1.csv", "b/3.csv"]
    assert names(prefix="a/", page_size=1) == ["a/1.csv", "a/2.txt"]


def test_folders_that_are_objects(client, google_bucket) -> None:
    for name in ("a/", "a/1"):
        google_bucket.blob(name).upload_from_string("x")
    listed = client.list_blobs(google_bucket, delimiter="/", include_trailing_delimiter=True)
    assert [blob.name for blob in listed] == ["a/"]
    assert listed.prefixes == {"a/"}


def test_a_token_that_is_none(emulator, bucket: str) -> None:
    assert emulator.get(f"/storage/v1/b/{bucket}/o?pageToken=%21").code == 400
