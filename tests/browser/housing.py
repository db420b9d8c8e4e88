"""Made inputs of the shape that Canadian-housing-prices-ML-pipeline expects in its bucket.

Some of its tables lie in its repository and are taken from there. Those that are not (Statistics
Canada's) are made here: the columns that its blocks read and drop, with numbers of our own.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pandas as pd

BUCKET = "comp333-data"
FOLDER = "COMP333_Project_Data"
SETTINGS = f"""requirements: [numpy, pandas, scikit-learn, matplotlib, seaborn]
targets:
  local:
    buckets: [{BUCKET}]
"""
"""One set of libraries for all blocks, so that they share one image; the bucket that they read."""
OLDER = "\npyarrow==16.1.0\n"
"""Its libraries are of 2023, and a pyarrow of today does not go with their numpy."""
COMMON = (
    "DGUID UOM UOM_ID SCALAR_FACTOR SCALAR_ID VECTOR COORDINATE STATUS SYMBOL TERMINATED DECIMALS"
)
"""Columns of Statistics Canada's tables that hold nothing about the value."""
YEARS = range(2006, 2021)
MONTHS = [f"{year}-{month:02}" for year in YEARS for month in range(1, 13)]


def prepare(project: Path) -> None:
    """What a user of a copy would add to it."""
    (project / "blocklift.yaml").write_text(SETTINGS)
    with (project / "requirements.txt").open("a") as listed:
        listed.write(OLDER)


def upload(project: Path, emulator: str) -> None:
    """Fill the bucket, as somebody did in the project's own cloud."""
    asked(f"{emulator}/storage/v1/b?project=blocklift-local", json.dumps({"name": BUCKET}).encode())
    for name, content in objects(project):
        query = urlencode({"uploadType": "media", "name": name})
        asked(f"{emulator}/upload/storage/v1/b/{BUCKET}/o?{query}", content)


def asked(url: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json" if body.startswith(b"{") else "text/csv"}
    urlopen(Request(url, body, headers), timeout=30).close()


def objects(project: Path) -> Iterator[tuple[str, bytes]]:
    """(name, content) of all that the bucket holds."""
    for place in sorted((project / FOLDER).rglob("*.csv")):
        yield place.relative_to(project).as_posix(), place.read_bytes()
    for name, table in made().items():
        yield f"{FOLDER}/{name}.csv", csv(table)


def csv(table: pd.DataFrame) -> bytes:
    text = io.StringIO()
    table.to_csv(text, index=False)
    return text.getvalue().encode()


def made() -> dict[str, pd.DataFrame]:
    return {
        "GDP": gdp(),
        "interest_rate": interest_rate(),
        "new_housing_price_index": new_housing(),
        "populations": populations(),
    }


def gdp() -> pd.DataFrame:
    industries = "North American Industry Classification System (NAICS)"
    table = values(MONTHS, 1_600_000, 1_000)
    table["GEO"] = "Canada"
    table[industries] = "All industries [T001]"
    table["Seasonal adjustment"] = "Seasonally adjusted at annual rates"
    table["Prices"] = "2012 constant prices"
    other = table.assign(**{industries: "Goods-producing industries [T002]"})
    return pd.concat([table, other])


def interest_rate() -> pd.DataFrame:
    """Two days of each month, of two rates; only the date, the kind and the value."""
    days = [f"{month}-{day}" for month in MONTHS for day in ("07", "21")]
    rates = [0.5 + 0.01 * (n % 100) for n in range(len(days))]
    kinds = ("Bank rate", "Prime rate")
    return pd.concat(
        pd.DataFrame({"REF_DATE": days, "Financial market statistics": kind, "VALUE": rates})
        for kind in kinds
    )


def new_housing() -> pd.DataFrame:
    table = values(MONTHS, 90, 0.1)
    table["New housing price indexes"] = "Total (house and land)"
    return pd.concat([table.assign(GEO="Canada"), table.assign(GEO="Quebec")])


def populations() -> pd.DataFrame:
    table = values(list(YEARS), 33_000_000, 300_000)
    table["Sex"], table["Age group"] = "Both sexes", "All ages"
    return pd.concat([table.assign(GEO="Canada"), table.assign(GEO="Ontario")])


def values(dates: list[str] | list[int], first: float, step: float) -> pd.DataFrame:
    """A table of Statistics Canada: a date, a value that grows, and what is dropped."""
    table = pd.DataFrame({"REF_DATE": dates})
    table["VALUE"] = [first + step * number for number in range(len(dates))]
    return table.assign(**dict.fromkeys(COMMON.split(), 0))
