"""What the processes of a function may import, and what is imported before they fork."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    "sqlalchemy": ("sqlalchemy",),
    "google-cloud-storage": ("google.cloud.storage",),
    "google-cloud-bigquery": ("google.cloud.bigquery",),
}
"""Heavy, safe to fork with (none starts a thread when it is imported), and blind to the
function's own environment variables while it is imported."""
NEUTRAL: Mapping[str, tuple[str, ...]] = {
    "urllib3": ("urllib3",),
    "requests": ("requests",),
    "pyyaml": ("yaml",),
    "jinja2": ("jinja2",),
    "psycopg[binary]": ("psycopg",),
    "adbc-driver-postgresql": ("adbc_driver_postgresql", "adbc_driver_manager.dbapi"),
}
"""Preloaded for every function that could have asked for it: none of those above behaves
differently when they are there, and a child forgets what it may not import. So functions that
differ only in these share one zygote."""
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
ADBC = "adbc-driver-postgresql"


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
    forget: tuple[str, ...] = ()
    """Modules that were preloaded with company which this function has not asked for."""


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
    preload = {name: modules for name, modules in PRELOAD.items() if name in names}
    preload |= {name: modules for name, modules in NEUTRAL.items() if may_share(name, names)}
    before_fork = [*preload, *((LOOKED_FOR & names) - STARTS_THREADS)]
    core = closure([Requirement(name) for name in before_fork], installed).names
    return Environment(
        core=Core(
            folders=tuple(map(str, installed.folders)),
            base=tuple(map(str, base)),
            names=core,
            roots=installed.roots(core, base),
            preload=STANDARD + tuple(module for modules in preload.values() for module in modules),
        ),
        names=names,
        roots=installed.roots(names, base),
        forget=tuple(too_much(names, installed)),
    )


def too_much(names: frozenset[str], installed: Installed) -> Iterator[str]:
    for name, modules in NEUTRAL.items():
        if not closure([Requirement(name)], installed).names <= names:
            yield from {module.partition(".")[0] for module in modules}


def may_share(name: str, names: frozenset[str]) -> bool:
    """ADBC brings in pyarrow, and polars where that is installed."""
    return name != ADBC or ("pyarrow" in names and not names & STARTS_THREADS)


def names_above(installed: Installed, base: Sequence[Path]) -> frozenset[str]:
    """What lies in a layer was asked for: all of it may be imported."""
    return frozenset(name for name, one in installed.found.items() if one.folder not in base)
