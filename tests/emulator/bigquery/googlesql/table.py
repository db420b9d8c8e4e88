"""The counts, file by file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from . import compliance, documents
from .engine import Engine
from .judging import tally
from .stated import Tally

COLUMNS = ("right", "refused", "failed", "wrong", "beside")


def tallies(root: Path, folder: Path, only: str = "") -> Iterator[tuple[str, Tally]]:
    """Of every file whose name has `only` in it."""
    engine = Engine(folder)
    try:
        for module in (documents, compliance):
            for path in module.files(root):
                if only in path.name:
                    yield path.name, tally(engine, module.stated(path))
    finally:
        engine.close()


def line(name: str, one: Tally) -> str:
    return f"{name:52}" + "".join(f"{getattr(one, column):9}" for column in COLUMNS)


def heading() -> str:
    return f"{'':52}" + "".join(f"{column:>9}" for column in COLUMNS)


def summed(all_of: list[Tally]) -> Tally:
    made = Tally()
    for one in all_of:
        for column in COLUMNS:
            setattr(made, column, getattr(made, column) + getattr(one, column))
        made.told += one.told
    return made
