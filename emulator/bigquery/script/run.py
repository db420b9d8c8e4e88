"""A script's statements and blocks, done one after the other in one session."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any

from emulator.bigquery import catalog, fields, statements
from emulator.bigquery.columns import typed
from emulator.bigquery.context import Context, Outcome
from emulator.bigquery.dialect.names import Verbatim
from emulator.bigquery.dialect.parse import google_sql, parse
from emulator.bigquery.errors import BigQueryError, invalid_query, unsupported
from emulator.bigquery.failures import in_googles_words
from emulator.bigquery.leash import current
from emulator.bigquery.reading import query_sql
from emulator.bigquery.script.split import Node
from emulator.bigquery.telling import done
from emulator.bigquery.warehouse import Warehouse

MOST = 1_000_000
"""Rounds of one loop: one that never ends is told from one that is long."""


class Leave(Exception):
    """LEAVE and BREAK."""


class Continue(Exception):
    """CONTINUE and ITERATE."""


class Return(Exception):
    """RETURN."""


def _with_error(text: str) -> str:
    return text.replace("@@error.message", "`@@error_message`")


class Script:
    """One run of a script; the outcomes of its statements go to its context."""

    def __init__(self, warehouse: Warehouse, context: Context) -> None:
        self._warehouse = warehouse
        self._context = context
        self._transaction = ExitStack()
        self._open = False
        self._count = 0

    def run(self, nodes: list[Node]) -> None:
        with self._warehouse.read() as cursor:
            self._cursor = cursor
            try:
                self._body(nodes, top=True)
            except Return:
                pass
            finally:
                self._end(commit=False)
                self._tidy()

    def _tidy(self) -> None:
        if self._context.home:
            with self._writing():
                catalog.delete_dataset(
                    self._cursor, self._context.project, self._context.home, True
                )

    def _body(self, nodes: list[Node], top: bool = False) -> None:
        started = False
        for node in nodes:
            if node.kind == "DECLARE" and started:
                raise invalid_query("Variable declarations are allowed only at the start of a "
                                    "block or script: DECLARE")  # fmt: skip
            started = started or node.kind != "DECLARE"
            with in_googles_words(node.text or self._context.source):
                getattr(self, f"_do_{node.kind.lower()}")(node)

    # -- expressions ----------------------------------------------------------------------------

    def _query(self, text: str) -> str:
        """DuckDB's SQL of an expression or a query in GoogleSQL."""
        text = _with_error(text)
        self._context.source = text
        return query_sql(self._cursor, self._context, parse(text)[0])

    def _expression(self, text: str) -> str:
        return self._query(re.sub(r"^(\s*)", r"SELECT \1", text, count=1))

    def _true(self, text: str) -> bool:
        current().check()
        found = self._cursor.execute(self._expression(text)).fetchall()
        return bool(found and found[0][0])

    def _set(self, name: str, sql: str) -> None:
        """To the only value of the query `sql`, in the variable's type."""
        duck = self._context.variables[name]
        kind = self._types.get(name, "")
        value = f"(select {sql})" if not sql.lower().startswith(("select", "with")) else f"({sql})"
        self._cursor.execute(
            f"set variable {duck} = " + (f"cast({value} as {kind})" if kind else value)
        )

    @property
    def _types(self) -> dict[str, str]:
        return self._context.types

    # -- statements -----------------------------------------------------------------------------

    def _do_sql(self, node: Node) -> None:
        self._context.source = text = _with_error(node.text)
        for tree in parse(text):
            self._outcome(tree)

    def _outcome(self, tree: Any) -> None:
        current().check()
        with nullcontext() if statements.reads_only(tree) else self._writing():
            outcome = statements.run(self._cursor, self._context, tree, False)
        done(self._context, outcome, self._context.source)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if self._open:
            yield
            return
        with self._warehouse.turn(self._cursor):
            yield

    def _do_declare(self, node: Node) -> None:
        found = re.match(r"\s*DECLARE\s+((?:`?\w+`?\s*,\s*)*`?\w+`?)\s*(.*)", node.text,
                         re.IGNORECASE | re.DOTALL)  # fmt: skip
        if found is None:
            raise invalid_query("Syntax error: Unexpected end of DECLARE")
        rest, default = found[2], ""
        if at := re.search(r"(?:^|\s)DEFAULT\s", rest, re.IGNORECASE):
            rest, default = rest[: at.start()], rest[at.end() :]
        for name in (part.strip(" `\n\t") for part in found[1].split(",")):
            self._declare(name, rest.strip(), default)

    def _declare(self, name: str, kind: str, default: str) -> None:
        key = name.lower()
        if key in self._scopes[-1]:
            raise invalid_query(f"Variable '{name}' has already been declared")
        self._count += 1
        value = self._expression(default) if default else "null"
        self._scopes[-1].append(key)
        if kind:
            import sqlglot

            tree = sqlglot.exp.DataType.build(kind, dialect=google_sql())
            self._types[key] = fields.duck_type(typed(name, tree))
        self._context.variables[key] = f"bq_{self._count}_{key}"
        self._set(key, value)

    @property
    def _scopes(self) -> list[list[str]]:
        return self._context.scopes

    def _do_set(self, node: Node) -> None:
        found = re.match(r"\s*SET\s+(\(?)([^=]*?)(\)?)\s*=\s*(.*)", node.text,
                         re.IGNORECASE | re.DOTALL)  # fmt: skip
        if found is None:
            raise invalid_query("Syntax error: Unexpected end of SET")
        named = [part.strip(" `\n\t") for part in found[2].split(",")]
        for name in named:
            if name.lower() not in self._context.variables:
                raise invalid_query(f"Undeclared variable: {name}")
        if not found[1]:
            self._set(named[0].lower(), self._expression(found[4]))
            return
        sql = self._expression(f"STRUCT{found[4]}" if found[4].startswith("(") else found[4])
        self._spread(named, f"{sql}")

    def _spread(self, named: list[str], sql: str) -> None:
        """The fields of one struct into variables, all read before any is set."""
        self._cursor.execute(f"set variable bq_spread = ({sql})")
        for at, name in enumerate(named, 1):
            self._set(name.lower(), f"struct_extract_at(getvariable('bq_spread'), {at})")

    def _do_execute(self, node: Node) -> None:
        found = re.fullmatch(
            r"\s*EXECUTE\s+IMMEDIATE\s+(.*?)(?:\s+INTO\s+([\w\s,`]+?))?(?:\s+USING\s+(.*))?",
            node.text, re.IGNORECASE | re.DOTALL)  # fmt: skip
        if found is None:
            raise invalid_query("Syntax error: Expected keyword IMMEDIATE")
        text = self._cursor.execute(self._expression(found[1])).fetchall()[0][0]
        self._using(found[3] or "")
        self._context.source = str(text)
        for tree in parse(str(text)):
            self._outcome(tree)
        if found[2]:
            self._into([n.strip(" `\n\t") for n in found[2].split(",")])
        self._context.values.clear()

    def _using(self, text: str) -> None:
        if not text:
            return
        tree = parse(f"SELECT {text}")[0]
        for at, item in enumerate(tree.expressions):
            name = (item.alias or str(at)).lower()
            value = item.this if item.alias else item
            sql = query_sql(self._cursor, self._context, parse(
                f"SELECT {value.sql(dialect=google_sql())}")[0])  # fmt: skip
            self._cursor.execute(f"set variable bq_using_{at} = ({sql})")
            self._context.values[name] = Verbatim.of(f"getvariable('bq_using_{at}')")

    def _into(self, named: list[str]) -> None:
        last = self._context.outcomes.pop()
        for at, name in enumerate(named):
            if name.lower() not in self._context.variables:
                raise invalid_query(f"Undeclared variable: {name}")
            self._set(name.lower(), f"select #{at + 1} from ({last.sql})")

    def _do_assert(self, node: Node) -> None:
        found = re.fullmatch(r"\s*ASSERT\s+(.*?)(?:\s+AS\s+(['\"])(.*)\2)?", node.text,
                             re.IGNORECASE | re.DOTALL)  # fmt: skip
        assert found is not None
        if not self._true(found[1]):
            raise invalid_query(found[3] or "Assertion failed")
        done(self._context, Outcome("ASSERT"), node.text)

    def _do_raise(self, node: Node) -> None:
        found = re.fullmatch(r"\s*RAISE\s+USING\s+MESSAGE\s*=\s*(.*)", node.text,
                             re.IGNORECASE | re.DOTALL)  # fmt: skip
        if found is None:
            raise invalid_query("Cannot re-raise outside of an exception handler")
        message = self._cursor.execute(self._expression(found[1])).fetchall()[0][0]
        raise invalid_query(str(message))

    def _do_return(self, _: Node) -> None:
        raise Return

    def _do_leave(self, _: Node) -> None:
        raise Leave

    _do_break = _do_leave

    def _do_continue(self, _: Node) -> None:
        raise Continue

    _do_iterate = _do_continue

    # -- transactions ---------------------------------------------------------------------------

    def _do_begin(self, _: Node) -> None:
        if self._open:
            raise invalid_query("Transaction is already in progress")
        self._transaction.enter_context(self._warehouse.alone())
        self._cursor.execute("begin transaction")
        self._open = True

    def _end(self, commit: bool) -> None:
        if self._open:
            self._cursor.execute("commit" if commit else "rollback")
            self._open = False
            self._transaction.close()

    def _do_commit(self, _: Node) -> None:
        self._need_open("COMMIT")
        self._end(commit=True)

    def _do_rollback(self, _: Node) -> None:
        self._need_open("ROLLBACK")
        self._end(commit=False)

    def _need_open(self, what: str) -> None:
        if not self._open:
            raise invalid_query(f"{what} TRANSACTION without BEGIN TRANSACTION")

    # -- blocks ---------------------------------------------------------------------------------

    def _do_block(self, node: Node) -> None:
        self._scopes.append([])
        before = dict(self._context.variables)
        try:
            self._body(node.body)
        except BigQueryError as error:
            if node.handler is None:
                raise
            self._caught(error, node.handler)
        finally:
            self._scopes.pop()
            self._context.variables.clear()
            self._context.variables.update(before)

    def _caught(self, error: BigQueryError, handler: list[Node]) -> None:
        self._context.variables["@@error_message"] = "bq_error_message"
        text = fields.text_of(error.message)
        self._cursor.execute(f"set variable bq_error_message = {text}")
        self._body(handler)

    def _do_if(self, node: Node) -> None:
        for condition, body in node.branches:
            if not condition or self._true(condition):
                self._body(body)
                return

    def _round(self, body: list[Node]) -> bool:
        """Whether the loop goes on."""
        try:
            self._body(body)
        except Continue:
            return True
        except Leave:
            return False
        return True

    def _do_loop(self, node: Node) -> None:
        for _ in range(MOST):
            if not self._round(node.body):
                return
        raise unsupported(f"loops of more than {MOST:,} rounds")

    def _do_while(self, node: Node) -> None:
        while self._true(node.condition) and self._round(node.body):
            pass

    def _do_repeat(self, node: Node) -> None:
        while self._round(node.body) and not self._true(node.condition):
            pass

    def _do_for(self, node: Node) -> None:
        text = node.condition.strip()
        sql = self._query(text[1:-1] if text.startswith("(") else text)
        key, table = node.name.lower(), f"bq_for_{self._count + 1}"
        self._count += 1
        self._cursor.execute(f"create temp table {table} as select row_number() over () as n, "
                             f"r from ({sql}) as r")  # fmt: skip
        before = self._context.variables.get(key)
        self._context.variables[key] = f"{table}_{key}"
        total = self._cursor.execute(f"select count(*) from {table}").fetchall()[0][0]
        for at in range(1, total + 1):
            self._cursor.execute(f"set variable {table}_{key} = "
                                 f"(select r from {table} where n = {at})")  # fmt: skip
            if not self._round(node.body):
                break
        self._cursor.execute(f"drop table {table}")
        self._context.variables.pop(key)
        if before:
            self._context.variables[key] = before
