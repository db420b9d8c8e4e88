"""Lists of objects: by prefix, folded at a delimiter, page by page."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from emulator.services.storage.ask import Ask, bad
from emulator.services.storage.catalog import Catalog, Row
from emulator.services.storage.globs import glob_pattern

LAST = "\U0010ffff"
MOST = 1000
STEP = 1000


@dataclass(frozen=True, slots=True)
class Query:
    """What a list request asks for."""

    bucket: str
    prefix: str = ""
    delimiter: str = ""
    start: str = ""
    end: str | None = None
    after: str = ""
    """Continue with the names beyond this one: the page token."""
    limit: int = MOST
    versions: bool = False
    trailing: bool = False
    """Objects whose name ends at the delimiter are items as well as prefixes."""
    glob: str = ""

    @classmethod
    def of(cls, ask: Ask, bucket: str) -> Query:
        params = ask.params
        limit = ask.number("maxResults")
        return cls(
            bucket=bucket,
            prefix=params.get("prefix", ""),
            delimiter=params.get("delimiter", ""),
            start=params.get("startOffset", ""),
            end=params.get("endOffset") or None,
            after=_decode(params.get("pageToken", "")),
            limit=min(MOST, limit if limit and limit > 0 else MOST),
            versions=ask.flag("versions"),
            trailing=ask.flag("includeTrailingDelimiter"),
            glob=params.get("matchGlob", ""),
        )

    @property
    def lowest(self) -> str:
        after = f"{self.after}\0" if self.after and not self.versions else self.after
        return max(self.prefix, self.start, after, key=str.encode)

    @property
    def highest(self) -> str | None:
        bounds = [b for b in (self.end, self.prefix + LAST if self.prefix else None) if b]
        return min(bounds, key=str.encode) if bounds else None


@dataclass(slots=True)
class Page:
    """One answer."""

    rows: list[Row] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    token: str | None = None
    last: str = ""
    """The name, or prefix, that this page ends with."""

    def __len__(self) -> int:
        return len(self.rows) + len(self.prefixes)


def page(catalog: Catalog, query: Query) -> Page:
    fits: Callable[[str], bool] = glob_pattern(query.glob) if query.glob else lambda _: True
    made, last = Page(), ""
    for folder, row in _entries(catalog, query):
        if len(made) >= query.limit and not (query.versions and row.name == last):
            made.token, made.last = encode(last), last.removesuffix(LAST)
            return made
        if folder:
            made.prefixes.append(folder)
        if (not folder or (query.trailing and row.name == folder)) and fits(row.name):
            made.rows.append(row)
        last = folder + LAST if folder else row.name
    return made


def _entries(catalog: Catalog, query: Query) -> Iterator[tuple[str, Row]]:
    """(common prefix or "", row), skipping from folder to folder: what is below is not read."""
    scan = catalog.scan_all if query.versions else catalog.scan
    position = query.lowest
    while True:
        rows = scan(query.bucket, position, query.highest, STEP)
        for row in rows:
            folder = _folder(row.name, query)
            yield folder, row
            position = (folder + LAST if folder else row.name) + "\0"
            if folder:
                break
        else:
            if len(rows) < STEP:
                return


def _folder(name: str, query: Query) -> str:
    """The common prefix that stands for `name`, or nothing."""
    if not query.delimiter:
        return ""
    at = name.find(query.delimiter, len(query.prefix))
    return name[: at + len(query.delimiter)] if at >= 0 else ""


def encode(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def _decode(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise bad("Invalid page token.") from None
