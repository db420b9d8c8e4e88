"""BigQuery's rows: `google.cloud.bigquery`, its dbapi, pandas-gbq."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from google.api_core.exceptions import BadRequest, Conflict, Forbidden, NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.oauth2.credentials import Credentials

from tests.emulator.conformance.rows import PROJECT, Place, Rows

ROWS = Rows("BigQuery")


@contextmanager
def client(place: Place, token: str = "") -> Iterator[bigquery.Client]:
    """The owner's, or that of who has `token` (as an Authorization header has it)."""
    made = bigquery.Client(
        project=PROJECT,
        credentials=Credentials(token.split()[-1]) if token else AnonymousCredentials(),
        client_options={"api_endpoint": place.url},
    )
    try:
        yield made
    finally:
        made.close()


def dataset(made: bigquery.Client, place: Place) -> str:
    name = place.name.replace("-", "_")
    made.create_dataset(name)
    return name


@ROWS.works("Client.create_dataset, get_dataset, list_datasets, delete_dataset")
def _(place: Place) -> None:
    with client(place) as made:
        name = dataset(made, place)
        assert made.get_dataset(name).dataset_id == name
        assert name in [one.dataset_id for one in made.list_datasets()]
        made.delete_dataset(name)
        assert name not in [one.dataset_id for one in made.list_datasets()]


@ROWS.refuses("Client.create_dataset of one that is there", Conflict)
def _(place: Place) -> None:
    with client(place) as made:
        dataset(made, place)
        dataset(made, place)


@ROWS.refuses("Client.delete_dataset of one that holds tables", BadRequest)
def _(place: Place) -> None:
    with client(place) as made:
        name = dataset(made, place)
        made.query_and_wait(f"CREATE TABLE {name}.t AS SELECT 1 AS a")
        made.delete_dataset(name)


@ROWS.refuses("Client.get_table of one that is not there", NotFound)
def _(place: Place) -> None:
    with client(place) as made:
        made.get_table(f"{dataset(made, place)}.nope")


@ROWS.refuses("Client.query with a mistake", BadRequest)
def _(place: Place) -> None:
    with client(place) as made:
        made.query("SELECT x FROM (SELECT 1 AS y)").result()


@ROWS.refuses("Client.query of a table that is not the caller's to read", Forbidden)
def _(place: Place) -> None:
    token = place.emulator.token_of(place.emulator.account(place.name))
    with client(place) as made, client(place, token) as other:
        name = dataset(made, place)
        made.query_and_wait(f"CREATE TABLE {name}.t AS SELECT 1 AS a")
        other.query_and_wait(f"SELECT * FROM {name}.t")
