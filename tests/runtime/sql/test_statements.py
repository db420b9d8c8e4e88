"""SQL text → statements, and which table a raw block's output comes from."""

from __future__ import annotations

import pytest

from runtime.sql.statements import changes_tables, is_select, mentioned, read, result_table, split


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1; SELECT 2;\n", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';' AS a; SELECT \"x;y\"", ["SELECT ';' AS a", 'SELECT "x;y"']),
        ("SELECT 'it''s; fine'", ["SELECT 'it''s; fine'"]),
        ("-- only; a comment\nSELECT 1", ["-- only; a comment\nSELECT 1"]),
        ("SELECT 1 /* a; b */; -- don't; stop\nSELECT 2",
         ["SELECT 1 /* a; b */", "-- don't; stop\nSELECT 2"]),
        ("DO $$ BEGIN x; END $$; SELECT 1", ["DO $$ BEGIN x; END $$", "SELECT 1"]),
        ("SELECT $q$ ; $q$", ["SELECT $q$ ; $q$"]),
        (" ;; -- nothing\n ; ", []),
        ("SELECT 'unclosed; ", ["SELECT 'unclosed;"]),
    ],
)  # fmt: skip
def test_statements_end_where_they_end(text: str, statements: list[str]) -> None:
    assert split(text) == statements


@pytest.mark.parametrize(
    ("text", "verb", "table"),
    [
        ("create table a.b (n int)", "create", "a.b"),
        ("CREATE TABLE IF NOT EXISTS x (n int)", "create", "x"),
        ("CREATE OR REPLACE TABLE x AS SELECT 1", "create", "x"),
        ("create temp table x as select 1", "create", "x"),
        ('CREATE TABLE "My Table" AS SELECT 1', "create", '"My Table"'),
        ("create table `p.d.t` as select 1", "create", "`p.d.t`"),
        ("INSERT INTO \"a\".\"b\" VALUES (1)", "insert", '"a"."b"'),
        ("insert overwrite into x select 1", "insert", "x"),
        ("WITH y AS (SELECT 1) INSERT INTO x SELECT * FROM y", "insert", "x"),
        ("-- first\nUPDATE x SET n = 1", "update", "x"),
        ("DROP TABLE IF EXISTS x", "drop", None),
        ("CREATE VIEW v AS SELECT 1", "create", None),
        ("with y as (select 1) select * from y", "with", None),
        ("DELETE FROM x", "delete", None),
        ("(SELECT 1)", "", None),
    ],
)  # fmt: skip
def test_what_a_statement_does(text: str, verb: str, table: str | None) -> None:
    (statement,) = read(text)
    assert (statement.verb, statement.table) == (verb, table)


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("CREATE TABLE a (n int); INSERT INTO b VALUES (1)", "a"),
        ("INSERT INTO a VALUES (1); INSERT INTO b VALUES (1); UPDATE c SET n = 1", "b"),
        ("UPDATE a SET n = 1; UPDATE b SET n = 1", "b"),
        ("DROP TABLE a", None),
        ("DROP TABLE a; CREATE VIEW v AS SELECT 1", None),
    ],
)
def test_the_table_of_the_result(text: str, table: str | None) -> None:
    assert result_table(read(text)) == table


def test_reading_and_changing() -> None:
    assert is_select("SELECT 1; SELECT 2")
    assert not is_select("DROP TABLE x")
    assert changes_tables(read("UPDATE x SET n = 1"))
    assert list(mentioned("a {{ df_1 }} {{df_3}} {{ df_12 }}", 4)) == [1, 3]
