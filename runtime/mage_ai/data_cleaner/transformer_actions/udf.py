"""New columns from others, by named functions (Mage: Add column, `udf`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runtime.mage_ai.data_cleaner.column_types.constants import ColumnType
from runtime.mage_ai.data_cleaner.transformer_actions.filters import matching

EARTH_RADIUS = 6371
"""Kilometres."""
MOMENT = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a function is given."""

    df: Any
    arguments: Sequence[Any]
    options: Mapping[str, Any]
    code: str
    kinds: Mapping[str, Any]

    @property
    def columns(self) -> list[Any]:
        return [self.df[name] for name in self.arguments]

    @property
    def timed(self) -> bool:
        """The first column holds moments."""
        kind = self.options.get("column_type", self.kinds.get(str(self.arguments[0])))
        return bool(kind == ColumnType.DATETIME)

    @property
    def second(self) -> Any:
        """The other column, or the value."""
        if len(self.arguments) < 2 and self.options.get("value") is None:
            raise ValueError("a second column or a value is needed")
        columns = self.columns
        return columns[1] if len(columns) > 1 else self.options["value"]


def computed(name: str, asked: Asked) -> Any:
    if name not in FUNCTIONS:
        raise ValueError(f"unknown udf {name!r}; one of {', '.join(sorted(FUNCTIONS))}")
    return FUNCTIONS[name](asked)


def as_kind(column: Any, kind: Any) -> Any:
    """As the output says: whole numbers, where what is missing counts as 0, floats or texts."""
    import pandas

    if kind == ColumnType.NUMBER:
        blank = column.isna() | column.astype(str).str.strip().eq("")
        return pandas.to_numeric(column.mask(blank, 0)).astype("int64")
    if kind == ColumnType.NUMBER_WITH_DECIMALS:
        return pandas.to_numeric(column).astype(float)
    return column.dropna().astype(str) if kind == ColumnType.TEXT else column


def _moments(column: Any) -> Any:
    import pandas

    return pandas.to_datetime(column, format="mixed", utc=True)


def _span(asked: Asked) -> Any:
    import pandas

    return pandas.to_timedelta(asked.options["value"], unit=asked.options.get("time_unit", "d"))


def addition(asked: Asked) -> Any:
    """Of all columns, and of the value."""
    first, *others = asked.columns
    value = asked.options.get("value")
    if not others and value is None:
        raise ValueError("a second column or a value is needed")
    total = sum(others, first)
    if value is None:
        return total
    if asked.timed:
        return (_moments(total) + _span(asked)).dt.strftime(MOMENT)
    return total + value


def difference(asked: Asked) -> Any:
    """Between two moments in whole days."""
    first, second = asked.columns[0], asked.second
    if not asked.timed:
        return first - second
    if len(asked.arguments) > 1:
        return (_moments(first) - _moments(second)).dt.days
    return (_moments(first) - _span(asked)).dt.strftime(MOMENT)


def multiply(asked: Asked) -> Any:
    return asked.columns[0].astype(float) * _float(asked.second)


def divide(asked: Asked) -> Any:
    return asked.columns[0].astype(float) / _float(asked.second)


def _float(given: Any) -> Any:
    return given.astype(float) if hasattr(given, "astype") else float(given)


def date_trunc(asked: Asked) -> Any:
    """To the Monday of its week, as text."""
    import pandas

    if (part := asked.options.get("date_part", "week")) != "week":
        raise ValueError(f"dates are not cut to the {part}, only to the week")
    days = pandas.to_datetime(asked.columns[0], format="mixed")
    return days.dt.to_period("W").dt.start_time.dt.strftime("%Y-%m-%d")


def formatted_date(asked: Asked) -> Any:
    import pandas

    days = pandas.to_datetime(asked.columns[0], format="mixed")
    return days.dt.strftime(asked.options["format"])


def if_else(asked: Asked) -> Any:
    """Where the filter in `action_code` holds the first argument, elsewhere the second."""
    yes, no = (_value_or_column(asked, place) for place in (0, 1))
    holds = matching(asked.df, asked.code)
    found = asked.df.index.to_series().astype(object)
    return found.mask(holds, yes).mask(~holds, no).infer_objects()


def _value_or_column(asked: Asked, place: int) -> Any:
    given = asked.arguments[place]
    column = asked.options.get(f"arg{place + 1}_type", "value") == "column"
    return asked.df[given] if column else given


def distance_between(asked: Asked) -> Any:
    """Kilometres along the globe: latitude and longitude, twice."""
    import numpy

    lat, lng, lat_2, lng_2 = (numpy.radians(column.astype(float)) for column in asked.columns)
    apart = numpy.sin((lat_2 - lat) / 2) ** 2
    apart += numpy.cos(lat) * numpy.cos(lat_2) * numpy.sin((lng_2 - lng) / 2) ** 2
    return EARTH_RADIUS * 2 * numpy.arcsin(numpy.sqrt(apart))


def constant(asked: Asked) -> Any:
    import pandas

    return pandas.Series(asked.arguments[0], index=asked.df.index)


def string_replace(asked: Asked) -> Any:
    pattern, new = asked.options["pattern"], asked.options["replacement"]
    return asked.columns[0].str.replace(pattern, new, regex=False)


def string_split(asked: Asked) -> Any:
    parts = asked.columns[0].str.split(asked.options["separator"])
    return parts.str[asked.options["part_index"]].str.strip()


def substring(asked: Asked) -> Any:
    return asked.columns[0].str[asked.options.get("start") : asked.options.get("stop")]


def strip(asked: Asked) -> Any:
    return asked.columns[0].str.strip(asked.options.get("characters"))


FUNCTIONS: dict[str, Callable[[Asked], Any]] = {
    "addition": addition,
    "constant": constant,
    "date_trunc": date_trunc,
    "difference": difference,
    "distance_between": distance_between,
    "divide": divide,
    "formatted_date": formatted_date,
    "if_else": if_else,
    "multiply": multiply,
    "string_replace": string_replace,
    "string_split": string_split,
    "strip": strip,
    "substring": substring,
    "subtract": difference,
}
