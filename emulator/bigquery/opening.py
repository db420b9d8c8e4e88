"""The warehouse's file as DuckDB opens it: its settings, our functions, our own tables.

Macros stay in the file; they are made again only when they are not those of this version.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

from emulator.bigquery.dialect.macros import macros

TABLES = (
    "create table if not exists main.blocklift_meta(kind varchar, name varchar, value varchar)",
    "create table if not exists main.blocklift_jobs(name varchar, value varchar)",
)
SHARE = 0.4
"""Of the machine's memory, for all queries together; what needs more goes to disk or fails."""


def opened(folder: Path) -> Any:
    import duckdb

    from emulator.bigquery.dialect.natives import register

    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / "spill", ignore_errors=True)
    db = duckdb.connect(str(folder / "warehouse.duckdb"))
    for setting in _settings(folder):
        db.execute(f"set {setting}")
    for table in TABLES:
        db.execute(table)
    register(db)
    _make_macros(db)
    return db


def _settings(folder: Path) -> tuple[str, ...]:
    spill = str(folder / "spill").replace("'", "''")
    return (
        "TimeZone = 'UTC'",
        "autoinstall_known_extensions = false",
        "enable_progress_bar = false",
        f"memory_limit = '{memory_limit() >> 20}MiB'",
        f"temp_directory = '{spill}'",
    )


def memory_limit() -> int:
    """Bytes: a share of the machine, or of what its container may have."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        allowed = int(Path("/sys/fs/cgroup/memory.max").read_text())
    except (OSError, ValueError):
        allowed = machine
    return int(min(machine, allowed) * SHARE)


def _make_macros(db: Any) -> None:
    made = macros()
    digest = hashlib.sha256("\n".join(made).encode()).hexdigest()
    if db.execute("select 1 from main.blocklift_meta where kind = 'macros' and name = ?",
                  [digest]).fetchall():  # fmt: skip
        return
    db.execute("begin transaction")
    for macro in made:
        db.execute(macro)
    db.execute("delete from main.blocklift_meta where kind = 'macros'")
    db.execute("insert into main.blocklift_meta values ('macros', ?, '{}')", [digest])
    db.execute("commit")
