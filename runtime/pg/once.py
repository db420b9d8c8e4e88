"""An append that happens once, even if its function dies between commit and answer.

Just before the commit the transaction's number is noted in the bucket, beside the block's
outputs. A later attempt asks the server what became of that transaction: committed means
that the rows are there already (PostgreSQL: pg_xact_status). Nothing is added to the database.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from runtime.appends import announced
from runtime.errors import Problem
from runtime.pg.catalog import literal
from runtime.pg.sessions import Session

PATIENCE = 60.0
"""Seconds that the server has to notice that an earlier attempt's process is gone."""


def once(session: Session, table: str, write: Callable[[], None], *, replaces: bool) -> None:
    """`write` and commit, unless an earlier attempt of this very append did."""
    append = announced(table, replaces=replaces)
    if append is None:
        write()
        return session.commit()
    bucket = append.context.artifacts.bucket
    if (noted := bucket.get(append.name)) and _committed(session, json.loads(noted), table):
        print(f"{table}: an earlier attempt has appended these rows already")
        return session.rollback()  # what is pending was part of that transaction, too
    write()
    ((number,),) = session.rows("SELECT pg_current_xact_id()::text")
    note = {"transaction": str(number), "table": table}
    bucket.put(append.name, json.dumps(note).encode())
    return session.commit()


def _committed(session: Session, noted: dict[str, str], table: str) -> bool:
    if noted["table"] != table:
        return False
    question = f"SELECT pg_xact_status({literal(noted['transaction'])}::xid8)"
    deadline = time.monotonic() + PATIENCE
    while True:
        ((status,),) = session.rows(question)
        if status != "in progress":
            return bool(status == "committed")
        if time.monotonic() > deadline:
            raise Problem(f"an earlier attempt's export into {table} is still going on")
        time.sleep(0.2)
