"""What holds for the package as a whole: it is light, and it brings what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from textwrap import dedent

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LISTED = json.loads((ROOT / "runtime/requirements.json").read_text())
USES: dict[str, list[str]] = LISTED["uses"]
MODULES = sorted(
    str(path.relative_to(ROOT / "runtime").with_suffix("")).replace("/", ".")
    for path in (ROOT / "runtime/mage_ai").rglob("*.py")
    if path.name != "__init__.py"
)


def loaded_by(code: str) -> set[str]:
    """Top-level modules that are in memory after `code`, in a fresh interpreter."""
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}\n"
    script += "print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True
    )
    return {name for name in done.stdout.split() if not name.startswith("_")}


def allowed(uses: list[str]) -> set[str]:
    """Top-level modules of these requirements and of what they require."""
    names, waiting = set(), list(uses)
    while waiting:
        wanted = Requirement(waiting.pop())
        if wanted.name.lower() in names:
            continue
        names.add(wanted.name.lower())
        try:
            waiting += [
                line
                for line in metadata.requires(wanted.name) or ()
                if Requirement(line).marker is None
                or any(
                    Requirement(line).marker.evaluate({"extra": e}) for e in {"", *wanted.extras}
                )  # type: ignore[union-attr]
            ]
        except metadata.PackageNotFoundError:
            continue
    return {
        top
        for top, distributions in metadata.packages_distributions().items()
        if any(d.lower() in names or d.lower().replace("_", "-") in names for d in distributions)
    }


def test_importing_the_entry_point_imports_no_library() -> None:
    extra = loaded_by("import runtime.entry, runtime.trigger") - loaded_by("pass")
    assert extra - set(sys.stdlib_module_names) == {"runtime"}


def test_no_module_of_mage_ai_imports_a_library_by_itself() -> None:
    imports = "\n".join(f"import runtime.{name}" for name in MODULES)
    extra = loaded_by(imports) - loaded_by("pass")
    assert extra - set(sys.stdlib_module_names) == {"runtime"}


INNER = [
    "bigquery_frames",
    "bigquery_once",
    "config_keys",
    "google_io",
    "rows",
    "sql_connection",
    "sql_export",
    "sql_once",
    "sql_types",
]
"""What providers are made of; no block imports it."""


def test_every_provider_says_what_it_needs() -> None:
    io = {name for name in MODULES if name.startswith("mage_ai.io.")}
    inner = {f"mage_ai.io.{name}" for name in INNER}
    assert io - inner == {use for use in USES if use.startswith("mage_ai.io.")}
    from runtime.sql.providers import PROVIDERS

    assert {f"sql:{name}" for name in PROVIDERS} == {u for u in USES if u.startswith("sql:")}


USED = {
    "mage_ai.io.postgres": """
        import pandas
        p = Postgres('d', 'u', 'p', '127.0.0.1', 1, connect_timeout=1)
        p.open()
        for act in (lambda: p.conn, lambda: p.export(pandas.DataFrame({'a': [1]}), 's', 't')):
            try:
                act()
            except ConnectionError:
                pass
    """,
    "mage_ai.io.duckdb": """
        import pandas
        d = DuckDB(':memory:')
        d.export(pandas.DataFrame({'a': [1]}), 'main', 't', verbose=False)
        assert len(d.load('select * from t', verbose=False)) == 1
    """,
    "mage_ai.io.file": """
        import os, pandas, tempfile
        path = os.path.join(tempfile.mkdtemp(), 'x.parquet')
        FileIO().export(pandas.DataFrame({'a': [1]}), path)
        assert len(FileIO().load(path)) == 1
    """,
    "mage_ai.io.config": """
        import tempfile, pathlib
        path = pathlib.Path(tempfile.mkdtemp(), 'io_config.yaml')
        path.write_text("default:\\n  A: \\"{{ env_var('HOME') }}\\"\\n")
        ConfigFileLoader(path)['A']
    """,
    "mage_ai.io.s3": "S3(region_name='eu-west-1')",
    "mage_ai.io.google_cloud_storage": """
        from google.auth.credentials import AnonymousCredentials
        GoogleCloudStorage(credentials=AnonymousCredentials(), project='p').client
    """,
}
CLASSES = {
    "mage_ai.io.postgres": "Postgres", "mage_ai.io.duckdb": "DuckDB", "mage_ai.io.file": "FileIO",
    "mage_ai.io.config": "ConfigFileLoader", "mage_ai.io.s3": "S3",
    "mage_ai.io.google_cloud_storage": "GoogleCloudStorage",
}  # fmt: skip


GUARD = """
import sys
class Guard:
    def __init__(self, allowed):
        self.allowed = allowed
    def find_spec(self, name, path=None, target=None):
        top = name.partition('.')[0]
        if top not in self.allowed and top not in sys.stdlib_module_names and top[:1] != '_':
            raise ModuleNotFoundError(f'No module named {name!r}', name=name)
sys.meta_path.insert(0, Guard(ALLOWED))
"""


@pytest.mark.parametrize("use", USED)
def test_what_a_provider_says_it_needs_is_enough(use: str) -> None:
    """Nothing else can be imported, as in a function that has only these requirements."""
    able = allowed(["urllib3", *USES[use]]) | {"runtime", "cython_runtime", "google"}
    guard = GUARD.replace("ALLOWED", repr(able))
    loaded_by(f"{guard}\nfrom runtime.{use} import {CLASSES[use]}\n{dedent(USED[use])}")
