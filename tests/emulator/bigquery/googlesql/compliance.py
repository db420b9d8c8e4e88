"""GoogleSQL's compliance tests: `compliance/testdata/*.test`.

Sections between `==` lines: `[options]`, the statement, `--`, what it gives. A section with
`[prepare_database]` makes a table that the file's later statements read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .literals import Unreadable, read
from .stated import UNKNOWN, Failure, Stated

_OPTION = re.compile(r"\[(default )?(\w+)(?:=(.*))?\]$", re.DOTALL)


def files(root: Path) -> list[Path]:
    found = [*root.glob("*/compliance/testdata/*.test")]
    return sorted(found)


def stated(path: Path) -> Iterator[Stated]:
    setup: list[str] = []
    kept: dict[str, str] = {}
    for number, section in enumerate(re.split(r"^==\s*$", path.read_text(), flags=re.MULTILINE)):
        options, query, told = _parts(section, kept)
        if not query.strip():
            continue
        if "prepare_database" in options:
            setup.append(query)
            continue
        if "{{" in query:
            told = ["alternatives"]
        features = options.get("required_features", "").replace(" ", "")
        yield Stated(
            path.name, options.get("name", f"#{number}"), query, _expected(told), tuple(setup),
            frozenset(features.split(",")) - {""}, options.get("parameters", ""),
        )  # fmt: skip


def _parts(section: str, kept: dict[str, str]) -> tuple[dict[str, str], str, list[str]]:
    lines = section.strip("\n").splitlines()
    options = dict(kept)
    while lines and (not lines[0].strip() or lines[0].startswith(("#", "["))):
        line = lines.pop(0)
        while line.startswith("[") and not line.rstrip().endswith("]") and lines:
            line += "\n" + lines.pop(0)
        if found := _OPTION.match(line.strip()):
            options[found[2]] = found[3] or ""
            if found[1]:
                kept[found[2]] = found[3] or ""
    query, *told = re.split(r"^--\s*$", "\n".join(lines), flags=re.MULTILINE)
    return options, query.strip(), [text.strip() for text in told if text.strip()]


def _expected(told: list[str]) -> object:
    if len(told) != 1 or re.search(r"^NOTE: Reference|^WARNING", told[0], re.MULTILINE):
        return UNKNOWN
    if told[0].startswith("ERROR:"):
        return Failure(told[0])
    try:
        return read(told[0])
    except (Unreadable, IndexError):
        return UNKNOWN
