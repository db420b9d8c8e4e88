"""What the processes of a function may import, and what is imported before they fork."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from emulator.host.closure import Installed, closure
from emulator.host.errors import BuildError

FRAMEWORK = Requirement("functions-framework")
PRELOAD: Mapping[str, tuple[str, ...]] = {
    "functions-framework": ("functions_framework", "flask", "werkzeug.exceptions"),
    "numpy": ("numpy", "numpy.random"),
    "pandas": ("pandas",),
    "pyarrow": (
        "pyarrow",
        "pyarrow.compute",
        "pyarrow.dataset",
        "pyarrow.parquet",
        "pyarrow.fs",
        "pandas.core.arrays.arrow.extension_types",
    ),
    "urllib3": ("urllib3",),
    "requests": ("requests",),
    "adbc-driver-postgresql": ("adbc_driver_postgresql", "adbc_driver_manager.dbapi"),
    "psycopg": ("psycopg",),
    "sqlalchemy": ("sqlalchemy",),
    "google-cloud-storage": ("google.cloud.storage",),
    "google-cloud-bigquery": ("google.cloud.bigquery",),
    "pyyaml": ("yaml",),
    "jinja2": ("jinja2",),
}
"""Heavy, safe to fork with (none starts a thread when it is imported), and blind to the
function's own environment variables while it is imported."""
LOOKED_FOR = frozenset(
    (
        "bottleneck",
        "brotli",
        "brotlicffi",
        "chardet",
        "db-dtypes",
        "geopandas",
        "google-cloud-bigquery-storage",
        "grpcio",
        "grpcio-status",
        "h2",
        "ipython",
        "numba",
        "numexpr",
        "opentelemetry-api",
        "polars",
        "simplejson",
        "tqdm",
        "zstandard",
    )
)
"""Distributions that those above use if they are there, and decide it when imported."""
STANDARD = (
    "asyncio",
    "concurrent.futures",
    "csv",
    "decimal",
    "http.client",
    "logging.handlers",
    "ssl",
    "statistics",
    "tempfile",
    "urllib.request",
    "uuid",
    "zoneinfo",
)
STARTS_THREADS = frozenset(("polars",))
"""What must not be imported before a fork, and neither what imports it when it is there."""
IMPORTS_POLARS = "adbc-driver-postgresql"


@dataclass(frozen=True, slots=True)
class Core:
    """What a zygote needs to know; functions with equal cores share one."""

    folders: tuple[str, ...]
    base: tuple[str, ...]
    names: frozenset[str]
    roots: frozenset[str]
    preload: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Environment:
    """A function's own: its core, and what it may import beyond that."""

    core: Core
    names: frozenset[str]
    roots: frozenset[str]


def own_folders() -> tuple[Path, ...]:
    """Where this interpreter's own distributions are."""
    places = (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))
    named = [Path(folder) for folder in sys.path if Path(folder).name.endswith("-packages")]
    return tuple(dict.fromkeys([*map(Path, places), *named]))


def compose(
    wanted: Iterable[Requirement], installed: Installed, base: Sequence[Path]
) -> Environment:
    """BuildError when something is missing or in conflict even now."""
    all_of = closure((*wanted, FRAMEWORK), installed)
    if all_of.missing:
        raise BuildError("pip check found conflicts:\n" + "\n".join(all_of.missing))
    names = all_of.names | names_above(installed, base)
    heavy = [name for name in PRELOAD if name in names and is_safe(name, names)]
    before_fork = [*heavy, *((LOOKED_FOR & names) - STARTS_THREADS)]
    core = closure([Requirement(name) for name in before_fork], installed).names
    return Environment(
        core=Core(
            folders=tuple(map(str, installed.folders)),
            base=tuple(map(str, base)),
            names=core,
            roots=installed.roots(core, base),
            preload=STANDARD + tuple(module for name in heavy for module in PRELOAD[name]),
        ),
        names=names,
        roots=installed.roots(names, base),
    )


def is_safe(name: str, names: frozenset[str]) -> bool:
    return name != IMPORTS_POLARS or not names & STARTS_THREADS


def names_above(installed: Installed, base: Sequence[Path]) -> frozenset[str]:
    """What lies in a layer was asked for: all of it may be imported."""
    return frozenset(name for name, one in installed.found.items() if one.folder not in base)
