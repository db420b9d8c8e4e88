"""Where values come from, and when the embedded Postgres is asked to fill in."""

from __future__ import annotations

from deployer.settings.secrets import given, with_postgres

SERVER = {"host": "127.0.0.1", "port": 5544, "user": "u", "password": "p", "dbname": "d"}


def test_the_first_source_that_has_a_name_wins() -> None:
    assert given(["A", "B", "C"], {"A": "shell"}, {"A": "file", "B": "file"}) == {
        "A": "shell",
        "B": "file",
    }


def test_unset_postgres_names_are_those_of_the_embedded_server() -> None:
    names = ["POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_DBNAME", "API_KEY"]
    assert with_postgres(names, {"API_KEY": "x"}, lambda: SERVER) == {
        "API_KEY": "x",
        "POSTGRES_HOST": "127.0.0.1",
        "POSTGRES_PORT": "5544",
        "POSTGRES_DBNAME": "d",
    }


def test_no_server_is_started_that_nobody_asked_for() -> None:
    def never() -> dict[str, object]:
        raise AssertionError("started")

    assert with_postgres(["API_KEY"], {}, never) == {}
    own = {"POSTGRES_HOST": "db.acme.org"}
    assert with_postgres(["POSTGRES_HOST", "POSTGRES_PASSWORD"], own, never) == own
