"""GoogleSQL's text → sqlglot's trees."""

from __future__ import annotations

import functools
import logging
import re
from typing import Any

from emulator.bigquery.dialect.locate import at_offset
from emulator.bigquery.errors import BigQueryError, invalid_query, unsupported

Tree = Any


@functools.cache
def google_sql() -> Any:
    """Sqlglot's dialect, with formats of dates left as they are written."""
    from sqlglot.dialects.bigquery import BigQuery

    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    return type("GoogleSql", (BigQuery,), {"TIME_MAPPING": {}, "FORMAT_MAPPING": {}})


def parse(source: str) -> list[Tree]:
    """Every statement; a mistake is Google's syntax error, with its place."""
    import sqlglot
    from sqlglot import errors

    source, columns = _partition_columns(source)
    try:
        trees = sqlglot.parse(source, read=google_sql())
    except errors.ParseError as error:
        raise _syntax(source, error) from None
    except errors.TokenError as error:
        raise invalid_query(f"Syntax error: {str(error).splitlines()[0]}", "[1:1]") from None
    if found := _MISREAD.search(source):
        raise unsupported(f"{found[0].split('(')[0].strip().upper()} here", at_offset(source,
                                                                    found.start()))  # fmt: skip
    made = [tree for tree in trees if tree is not None and not _is_semicolon(tree)]
    if not made:
        raise invalid_query("Syntax error: Unexpected end of statement", at_offset(source, 0))
    for tree in made:
        _refuse_leftovers(tree)
        _put_columns(tree, columns)
    return made


def _partition_columns(source: str) -> tuple[str, str]:
    """WITH PARTITION COLUMNS (…), which sqlglot does not know: the rest, and `/{name:TYPE}`s."""
    found = _PARTITIONS.search(source)
    if found is None:
        return source, ""
    columns = re.findall(r"`?(\w+)`?\s+(\w+)", found[1] or "")
    rest = source[: found.start()] + " " * len(found[0]) + source[found.end() :]
    return rest, "".join(f"/{{{name}:{kind}}}" for name, kind in columns)


def _put_columns(tree: Tree, columns: str) -> None:
    """Where Google's API has them: in the prefix of the hive layout."""
    from sqlglot import exp

    for one in tree.find_all(exp.Property) if columns else ():
        if type(one) is exp.Property and one.name.lower() == "hive_partition_uri_prefix":
            value = one.args["value"].name.rstrip("/")
            one.set("value", exp.Literal.string(value + columns))


def _is_semicolon(tree: Tree) -> bool:
    return type(tree).__name__ == "Semicolon"


def _refuse_leftovers(tree: Tree) -> None:
    from sqlglot import exp

    if isinstance(tree, exp.Command):
        raise unsupported(f"the statement {tree.name.upper()}")
    if isinstance(tree, exp.Alias | exp.Column | exp.Literal):
        word = tree.sql(dialect=google_sql()).split()[0]
        raise invalid_query(f'Syntax error: Unexpected identifier "{word}"', "[1:1]")


def _syntax(source: str, error: Any) -> BigQueryError:
    found = error.errors[0] if error.errors else {}
    word = found.get("highlight") or ""
    start = len(found.get("start_context") or "")
    context = (found.get("start_context") or "") + word
    offset = source.find(context) + start if context and context in source else 0
    at = at_offset(source, offset)
    if not source[:offset].strip() or not word:
        return invalid_query(f"Syntax error: {found.get('description', 'Unexpected input')}", at)
    first = source.split(maxsplit=1)[0]
    if first.upper() not in _STARTS:
        return invalid_query(f'Syntax error: Unexpected identifier "{first}"', "[1:1]")
    if "expression" in found.get("description", "") and "missing" in found["description"]:
        return invalid_query("Syntax error: Unexpected end of script", at)
    return invalid_query(f'Syntax error: Unexpected "{word}"', at)


_MISREAD = re.compile(
    r"\bJSON_OBJECT\s*\(\s*(?:\[|ARRAY\b|key\s*,)|\bGROUP\s+AND\s+ORDER\s+BY\b"
    r"|\|>\s*(?:INTERSECT|EXCEPT)\b",
    re.IGNORECASE,
)
"""What sqlglot reads as something else."""
_PARTITIONS = re.compile(r"\bWITH\s+PARTITION\s+COLUMNS(?:\s*\(([^)]*)\))?", re.IGNORECASE)
_STARTS = frozenset(
    [
        "SELECT",
        "WITH",
        "FROM",
        "INSERT",
        "UPDATE",
        "DELETE",
        "MERGE",
        "CREATE",
        "DROP",
        "ALTER",
        "TRUNCATE",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "DECLARE",
        "SET",
        "EXPORT",
        "LOAD",
        "CALL",
        "IF",
        "LOOP",
        "WHILE",
        "FOR",
        "ASSERT",
        "EXECUTE",
        "(",
        "GRANT",
        "REVOKE",
    ]
)
