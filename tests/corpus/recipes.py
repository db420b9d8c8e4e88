"""How real Mage projects are run with the network closed: recipes, not the projects.

Each names a project and one of its pipelines, what the outside answers, and what the run must
leave. Inputs are made, of the shape that the project expects, or are those that Mage itself
stored in the repository; then the output must equal the one that Mage stored.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from tests.story.conftest import World
    from tests.story.mage.making import Ran

TITANIC = "https://raw.githubusercontent.com/datasciencedojo/datasets/master/titanic.csv"
YELLOW = (
    "https://github.com/DataTalksClub/nyc-tlc-data/releases/download/yellow/"
    "yellow_tripdata_2021-01.csv.gz"
)
GREEN = (
    "https://github.com/DataTalksClub/nyc-tlc-data/releases/download/green/"
    "green_tripdata_2020-{}.csv.gz"
)
RESTAURANTS = (
    "https://raw.githubusercontent.com/mage-ai/datasets/master/restaurant_user_transactions.csv"
)
JOBS = "https://jobicy.com/api/v2/remote-jobs?count=50&tag=python&geo=usa"
NUMBERS = ["Age", "Fare", "Parch", "Pclass", "SibSp", "Survived"]
GLDAS = "d4mp3/GLDAS-Data-Pipeline/mage"
STORED = f"{GLDAS}/mage_data/magic-zoomcamp/pipelines"
HERE = (
    "default:\n"
    + "".join(
        f"  POSTGRES_{name}: \"{{{{ env_var('POSTGRES_{name}') }}}}\"\n"
        for name in ("DBNAME", "USER", "PASSWORD", "HOST", "PORT")
    )
    + "  POSTGRES_SCHEMA: analytics\n"
)
"""The profile of a project whose database was somebody's own, led to the local one."""
READ_STORED = """
import pandas as pd

@data_loader
def load(*args, **kwargs):
    return pd.read_parquet(kwargs['repo_path'] + '/stored.parquet')
"""


@dataclass(frozen=True)
class Recipe:
    """One pipeline of one project."""

    project: str
    """Folder below the checked-out repositories."""
    pipeline: str
    answers: Callable[[Path], Mapping[str, bytes]] = lambda _: {}
    """URL → body, given the folder of all repositories."""
    look: Callable[[Ran, Path], None] = lambda ran, _: None
    """At what the run left."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Put into the copy: a loader that reads what Mage stored, connections to what is here."""
    edits: Mapping[str, str] = field(default_factory=dict)
    """Text → text in code and metadata, for what the project's surroundings decided: where a
    database is (host, port, dbname, user, password stand for the local one's), and words that
    only the pandas of its time knew."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    """Of the run."""
    before: Callable[[World], None] = lambda _: None
    """Makes tables that the pipeline expects somebody else to have filled."""
    copied: Mapping[str, str] = field(default_factory=dict)
    """The same with files of the repositories."""
    without: tuple[str, ...] = ()
    """Blocks that cannot do their work here: exporters to somebody's bucket, and a reader that
    waits for nobody and so needs the table of an earlier run."""


def titanic() -> bytes:
    """Sixty made passengers; some have no age."""
    rows = [
        {
            "PassengerId": n, "Survived": n % 2, "Pclass": 1 + n % 3, "Name": f"Passenger, Mr. {n}",
            "Sex": "male" if n % 3 else "female", "Age": None if n % 7 == 0 else 20.5 + n,
            "SibSp": n % 4, "Parch": n % 2, "Ticket": f"A/{n}", "Fare": 7.25 * (1 + n % 5),
            "Cabin": None, "Embarked": "S",
        }
        for n in range(1, 61)
    ]  # fmt: skip
    return pd.DataFrame(rows).to_csv(index=False).encode()


def yellow() -> bytes:
    """A hundred made trips; every tenth without passengers."""
    trips = [
        {
            "VendorID": 1 + n % 2, "tpep_pickup_datetime": f"2021-01-01 {n % 24:02}:10:00",
            "tpep_dropoff_datetime": f"2021-01-01 {n % 24:02}:30:00",
            "passenger_count": n % 10, "trip_distance": 1.5 + n, "RatecodeID": 1,
            "store_and_fwd_flag": "N", "PULocationID": 100 + n, "DOLocationID": 200 - n,
            "payment_type": 1, "fare_amount": 9.5, "extra": 0.5, "mta_tax": 0.5,
            "tip_amount": 1.0, "tolls_amount": 0.0, "improvement_surcharge": 0.3,
            "total_amount": 11.8, "congestion_surcharge": 2.5,
        }
        for n in range(100)
    ]  # fmt: skip
    return gzip.compress(pd.DataFrame(trips).to_csv(index=False).encode(), mtime=0)


def jobs() -> bytes:
    made = [
        {"id": n, "jobTitle": f"Engineer {n}", "annualSalaryMax": 90_000 + n if n % 2 else None}
        for n in range(10)
    ]
    return json.dumps({"jobs": made}).encode()


def restaurants() -> bytes:
    """Ten thousand made visits, which is as many as the project's own checks agree on."""
    numbers = range(10_000)
    made = {"user ID": [n % 50 for n in numbers], "Rating": [n % 6 for n in numbers]}
    made |= {"Cuisine": ["Thai" if n % 2 else "Greek" for n in numbers]}
    made |= {f"More {letter}": [f"{letter}{n % 7}" for n in numbers] for letter in "abcdefg"}
    return pd.DataFrame(made).to_csv(index=False).encode()


def users_with_emails(world: World) -> None:
    """Forty users, each with so many emails as its number's last digit says."""
    world.sql("""
        SELECT 'the rows that are read';
        CREATE SCHEMA IF NOT EXISTS analytics;
        DROP TABLE IF EXISTS analytics.user_with_emails;
        CREATE TABLE analytics.user_with_emails AS
        SELECT u AS id_user, u * 100 + e AS id_email, 'user ' || u AS full_name
        FROM generate_series(0, 39) AS u, LATERAL generate_series(1, u % 10) AS e
    """)


def restaurants_have_users(ran: Ran, _: Path) -> None:
    """Each of a user's visits stands beside each of its emails; some users have none."""
    query = "SELECT count(*), count(id_email), max(number_of_emails), count(DISTINCT user_id) FROM "
    (found,) = ran.world.sql(f"{query}core_data.users_with_restaurants")
    visits = [200] * 50
    emails = [u % 10 if u < 40 else 0 for u in range(50)]
    rows = [visit * max(count, 1) for visit, count in zip(visits, emails, strict=True)]
    matched = sum(visit * count for visit, count in zip(visits, emails, strict=True))
    assert found == (sum(rows), matched, 9, 50)


def students(world: World) -> None:
    """Three chunks of them, each longer than the project's own inserts."""
    world.sql("""
        SELECT 'the rows that are read';
        DROP TABLE IF EXISTS public.ejemplo, public.ejemplo2;
        CREATE TABLE public.ejemplo AS
        SELECT n AS id, ('name ' || n)::varchar(40) AS nombre,
               (n * 1.25)::numeric(12, 2) AS salario, n % 2 = 0 AS is_student,
               timestamp '2024-01-01' + n * interval '1 minute' AS nacimiento
        FROM generate_series(1, 4500) AS n
    """)


def students_are_copied(ran: Ran, _: Path) -> None:
    """Row by row what was there, whatever chunk carried it."""
    facts = "count(*), count(DISTINCT id), sum(salario), max(nacimiento), sum(is_student::int)"
    (found,), (given,) = (
        ran.world.sql(f"SELECT {facts} FROM public.{table}") for table in ("ejemplo2", "ejemplo")
    )
    assert found == given
    assert found[0] == 4500


def green(month: int) -> bytes:
    """Fifty made trips; every tenth without passengers, one in fifty without a distance."""
    trips = [
        {
            "VendorID": 1 + n % 2, "lpep_pickup_datetime": f"2020-{month}-{1 + n % 28:02} 10:10:00",
            "lpep_dropoff_datetime": f"2020-{month}-{1 + n % 28:02} 10:30:00",
            "store_and_fwd_flag": "N", "RatecodeID": 1, "PULocationID": 100 + n,
            "DOLocationID": 200 - n, "passenger_count": n % 10, "trip_distance": n / 4,
            "fare_amount": 9.5, "extra": 0.5, "mta_tax": 0.5, "tip_amount": 1.0,
            "tolls_amount": 0.0, "ehail_fee": None, "improvement_surcharge": 0.3,
            "total_amount": 11.8, "payment_type": 1, "trip_type": 1, "congestion_surcharge": 2.5,
        }
        for n in range(50)
    ]  # fmt: skip
    return gzip.compress(pd.DataFrame(trips).to_csv(index=False).encode(), mtime=0)


def greens(_: Path) -> Mapping[str, bytes]:
    return {GREEN.format(month): green(month) for month in (10, 11, 12)}


def green_taxi_is_in_postgres(ran: Ran, _: Path) -> None:
    """By an SQL block, into the schema and the table that it names."""
    facts = "count(*), min(passenger_count), sum(trip_distance), count(DISTINCT lpep_pickup_date)"
    ((count, least, far, days),) = ran.world.sql(f"SELECT {facts} FROM mage.green_taxi")
    assert (count, least, days) == (135, 1, 3 * 28)
    assert far == 3 * sum(n / 4 for n in range(50) if n % 10)


def imputed(frame: pd.DataFrame) -> pd.DataFrame:
    """What every one of these Titanic pipelines computes, in other words."""
    chosen = frame[NUMBERS].copy()
    for name in NUMBERS:
        known = sorted(chosen[name].dropna())
        chosen[name] = chosen[name].fillna(known[len(known) // 2])
    return chosen


def looks_imputed(block: str) -> Callable[[Ran, Path], None]:
    def look(ran: Ran, _: Path) -> None:
        same(table(ran, block), imputed(pd.read_csv(io.BytesIO(titanic()))))

    return look


def looks_stored(block: str, stored: str) -> Callable[[Ran, Path], None]:
    """Our output equals the one that Mage stored."""

    def look(ran: Ran, corpus: Path) -> None:
        same(table(ran, block), pd.read_parquet(corpus / stored))

    return look


def taxi_is_in_postgres(ran: Ran, _: Path) -> None:
    query = "SELECT count(*), min(passenger_count), sum(trip_distance) FROM ny_taxi.yellow_cab_data"
    ((count, least, far),) = ran.world.sql(query)
    assert (count, least) == (90, 1)
    assert far == sum(1.5 + n for n in range(100) if n % 10)


def jobs_have_salaries(ran: Ran, _: Path) -> None:
    found = table(ran, "plot_data_transformer")
    assert list(found["annualSalaryMax"]) == [90_001, 90_003, 90_005, 90_007, 90_009]


def table(ran: Ran, block: str) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(ran.stored(block)))


def same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Values and names; Mage's older pandas wrote other resolutions of time."""
    times = {name: "datetime64[ns]" for name in ours if str(ours[name].dtype).startswith("dateti")}
    pd.testing.assert_frame_equal(
        ours.astype(times).reset_index(drop=True),
        theirs.astype(times).reset_index(drop=True),
        check_dtype=False,
    )


def stored_titanic(corpus: Path) -> Mapping[str, bytes]:
    stored = corpus / STORED / "example_pipeline/.variables/load_titanic/output_0/data.parquet"
    return {f"{TITANIC}?raw=True": pd.read_parquet(stored).to_csv(index=False).encode()}


def gldas(pipeline: str, block: str, exporter: str) -> Recipe:
    """The loader's output as Mage stored it, through the transformer."""
    variables = f"{STORED}/{pipeline}/.variables"
    return Recipe(
        f"{GLDAS}/magic-zoomcamp",
        pipeline,
        look=looks_stored(block, f"{variables}/{block}/output_0/data.parquet"),
        files={"data_loaders/load_gldas_gcs.py": READ_STORED},
        copied={"stored.parquet": f"{variables}/load_gldas_gcs/output_0/data.parquet"},
        without=(exporter,),
    )


def _made(**answers: bytes) -> Callable[[Path], Mapping[str, bytes]]:
    urls: dict[str, Any] = {
        "titanic": TITANIC, "yellow": YELLOW, "jobs": JOBS, "restaurants": RESTAURANTS,
    }  # fmt: skip
    return lambda _: {urls[name]: body for name, body in answers.items()}


RECIPES = (
    Recipe(
        "restackio/starter-mage/demo_project",
        "titanic_survivors",
        _made(titanic=titanic()),
        looks_imputed("extract_and_impute_numbers"),
    ),
    Recipe(
        "ERA73/mageai_examples",
        "titanic_survivors",
        _made(titanic=titanic()),
        looks_imputed("extract_and_impute_numbers"),
    ),
    Recipe("ERA73/mageai_examples", "test_plots", _made(jobs=jobs()), jobs_have_salaries),
    Recipe("ERA73/mageai_examples", "notification"),
    Recipe(
        "ERA73/mageai_examples",
        "test_table_mapper",
        look=students_are_copied,
        edits={
            "'host.docker.internal'": "'{host}'",
            "'5433'": "'{port}'",
            "'5434'": "'{port}'",
            "'POSTGRES_USER': 'admin'": "'POSTGRES_USER': '{user}'",
            "'POSTGRES_PASSWORD': 'postgres'": "'POSTGRES_PASSWORD': '{password}'",
            "'POSTGRES_DBNAME': 'postgres'": "'POSTGRES_DBNAME': '{dbname}'",
            "postgres.public.": "{dbname}.public.",
            "to_dict('r')": "to_dict('records')",
        },
        variables={"chunk_size": 1500},
        before=students,
    ),
    Recipe(
        "linhnds/mage-zoomcamp/magic-zoomcamp",
        "green_taxi_etl",
        greens,
        green_taxi_is_in_postgres,
        without=("green_taxi_gcp",),
    ),
    Recipe(
        "mage-ai/mage_demo_project",
        "example_pipeline",
        _made(titanic=titanic()),
        looks_imputed("fill_in_missing_values"),
    ),
    Recipe(
        "mage-ai/mage_demo_project",
        "combine_and_transform_user_restaurant",
        _made(restaurants=restaurants()),
        restaurants_have_users,
        files={"io_config.yaml": HERE},
        before=users_with_emails,
    ),
    Recipe(
        "rodolfojmatos/DEzoomcamp_project2/magic-zoomcamp",
        "api_to_postgres",
        _made(yellow=yellow()),
        taxi_is_in_postgres,
        without=("load_taxi_data",),
    ),
    Recipe(
        f"{GLDAS}/magic-zoomcamp",
        "example_pipeline",
        stored_titanic,
        looks_stored(
            "fill_in_missing_values",
            f"{STORED}/example_pipeline/.variables/fill_in_missing_values/output_0/data.parquet",
        ),
    ),
    gldas(
        "transform_staged_gldas_to_monthly",
        "transform_staged_data_to_monthly",
        "write_gldas_to_bigquery_monthly",
    ),
    gldas(
        "transform_staged_gldas_to_daily",
        "transform_staged_data_to_daily",
        "write_gldas_to_bigquery_daily",
    ),
)
