"""A YAML data loader with `source: api`: one HTTP request whose answer is a table.

Mage: "Data integration sources", API. JSON becomes rows; so does CSV, TSV or a workbook. The
text is a template first: `variables('x')` and the functions of io_config.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from runtime.context import Context
from runtime.errors import SettingsProblem
from runtime.languages.errors import ApiError
from runtime.libraries import library
from runtime.sql.templates import with_variables
from runtime.templates import load_yaml

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0"
"""Some services answer browsers only; Mage says the same of itself."""
TIMEOUT = 60.0
WORKBOOK = b"PK\x03\x04"
SHOWN = 300


@dataclass(frozen=True, slots=True)
class Source:
    """The block's `config`."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    payload: Any = None
    response_parser: str = ""
    """Where the rows are in a JSON answer: `data.items`."""
    columns: tuple[str, ...] = ()
    separator: str = ","
    has_header: bool = False

    @classmethod
    def of(cls, written: Any, file: str) -> Source:
        config = (written or {}).get("config") if isinstance(written, Mapping) else None
        if not isinstance(config, Mapping) or not config.get("url"):
            raise SettingsProblem("a YAML source needs config.url", file=file, line=1)
        known = {name: config[name] for name in cls.__dataclass_fields__ if config.get(name)}
        made = cls(**known | {"columns": tuple(known.get("columns", ()))})
        if not made.url.startswith(("http://", "https://")):
            raise SettingsProblem(f"config.url is no web address: {made.url!r}", file=file, line=1)
        return made

    @property
    def address(self) -> str:
        """The URL with `query` over what it asks already."""
        if not self.query:
            return self.url
        asked = parse_qs(urlsplit(self.url).query) | dict(self.query)
        return f"{self.url.partition('?')[0]}?{urlencode(asked, doseq=True)}"

    @property
    def verb(self) -> str:
        return "POST" if str(self.method).upper() == "POST" else "GET"


def run_api(context: Context, _values: Callable[[str], Any], kwargs: Mapping[str, Any]) -> Any:
    """The table that the address answers with."""
    text = Path(context.file).read_text(encoding="utf-8-sig")
    source = Source.of(load_yaml(with_variables(text, kwargs)), context.file)
    return table_of(source, *_asked(source))


def _asked(source: Source) -> tuple[bytes, str]:
    """Body and content type of the answer."""
    urllib3 = library("urllib3")
    fields, body = _body(source)
    try:
        with urllib3.PoolManager(timeout=TIMEOUT, retries=3) as pool:
            answer = pool.request(
                source.verb,
                source.address,
                headers={"User-Agent": AGENT, **{k: str(v) for k, v in source.headers.items()}},
                fields=fields,
                body=body,
                **({"encode_multipart": False} if fields else {}),
            )
    except urllib3.exceptions.HTTPError as error:
        raise ApiError(f"{_host(source)} cannot be reached: {error}") from error
    if answer.status >= 400:
        start = answer.data[:SHOWN].decode(errors="replace")
        raise ApiError(f"{_host(source)} answered {answer.status}: {start}")
    return answer.data, str(answer.headers.get("Content-Type") or "")


def _body(source: Source) -> tuple[Mapping[str, str] | None, Any]:
    """A mapping is sent as a form, as Mage does; a text as it is."""
    if source.verb == "GET" or source.payload is None:
        return None, None
    if isinstance(source.payload, Mapping):
        return {str(k): str(v) for k, v in source.payload.items()}, None
    return None, str(source.payload).encode()


def _host(source: Source) -> str:
    """Without path and query, which may hold keys."""
    return urlsplit(source.url).hostname or source.url


# -- from an answer to a table ----------------------------------------------------------------


def table_of(source: Source, body: bytes, kind: str) -> Any:
    """A DataFrame of an answer's rows."""
    pandas = library("pandas", feature="a YAML source")
    if "json" in kind or body.lstrip()[:1] in (b"[", b"{"):
        return pandas.DataFrame(rows_of(source, _parsed(body)))
    header = 0 if source.has_header else None
    if body.startswith(WORKBOOK):
        library("openpyxl", feature="a workbook")
        frame = pandas.read_excel(io.BytesIO(body), header=header)
    else:
        separator = "\t" if source.url.endswith("output=tsv") else source.separator
        frame = pandas.read_csv(io.BytesIO(body), sep=separator, header=header)
    if not source.has_header:
        frame.columns = [f"column_{number}" for number in range(1, len(frame.columns) + 1)]
    return frame


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise ApiError(f"the answer is no JSON: {error}") from error


def rows_of(source: Source, answer: Any) -> list[dict[str, Any]]:
    """Records as they are; lists and single values under `columns`, or col0, col1 …"""
    found = dug(answer, source.response_parser) if source.response_parser else answer
    items = found if isinstance(found, list) else [found]
    if all(isinstance(item, dict) for item in items):
        return items
    lists = [item if isinstance(item, list) else [item] for item in items]
    width = max(map(len, lists))
    columns = source.columns or tuple(f"col{number}" for number in range(width))
    return [
        {name: row[n] if n < len(row) else None for n, name in enumerate(columns)} for row in lists
    ]


def dug(value: Any, path: str) -> Any:
    """`data.items`, `results[0].rows`, `results.0.rows`"""
    for part in path.replace("[", ".").replace("]", "").strip(".").split("."):
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, TypeError, ValueError):
            raise ApiError(
                f"the answer has nothing at {part!r} of response_parser {path!r}"
            ) from None
    return value
