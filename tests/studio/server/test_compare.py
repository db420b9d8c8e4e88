from __future__ import annotations

from dataclasses import replace

from studio.server.compare import READ_AT_MOST, compared
from studio.server.errors import StudioError
from studio.server.messages import BlockRun, Column, OutputInfo, RunInfo

TABLES = {
    ("one", "load"): [Column("id", "int64"), Column("fare", "double"), Column("old", "string")],
    ("two", "load"): [Column("id", "string"), Column("fare", "double"), Column("new", "bool")],
}


def columns(run: str, block: str, number: int) -> list[Column]:
    try:
        return TABLES[run, block]
    except KeyError:
        raise StudioError(404, "gone") from None


def output(rows: int | None, size: int) -> OutputInfo:
    return OutputInfo(0, "parquet", rows, size, None)


def run(name: str, *outputs: tuple[str, int | None, int]) -> RunInfo:
    blocks = [
        BlockRun(block, "done", 1.0, 2.0, None, [output(rows, size)], [], None)
        for block, rows, size in outputs
    ]
    return RunInfo(name, "trips", "succeeded", 1.0, 2.0, {}, blocks, "", [])


def test_what_came_went_and_changed_its_type() -> None:
    found = compared(run("one", ("load", 3, 10)), run("two", ("load", 4, 10)), columns)
    (change,) = found.schemas
    assert [column.name for column in change.added] == ["new"]
    assert [column.name for column in change.removed] == ["old"]
    assert change.retyped == [["id", "int64", "string"]]
    assert found.unread == []


def test_values_that_are_no_tables_are_not_asked_for() -> None:
    found = compared(run("one", ("load", None, 10)), run("two", ("load", 4, 10)), columns)
    assert found.schemas == []


def test_what_is_too_large_or_gone_is_named() -> None:
    large = (("load", 3, READ_AT_MOST + 1), ("lost", 1, 1))
    found = compared(run("one", *large), run("two", *large), columns)
    assert found.unread == ["load output 0", "lost output 0"]


def test_the_same_columns_are_no_change() -> None:
    one = run("one", ("load", 3, 10))
    assert compared(one, replace(one), columns).schemas == []
