"""One call of a dbt block: copy the project, connect, seed, run, show.

The copy is the call's own, so that nothing of one run is there in the next, and no rendered
password outlives it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from runtime.context import Context
from runtime.errors import SettingsProblem
from runtime.languages.dbt import command, sources
from runtime.languages.dbt.answers import refuse, rows_of
from runtime.languages.dbt.command import Where
from runtime.languages.dbt.profiles import Connection, connection
from runtime.languages.tables import as_table
from runtime.libraries import library
from runtime.sql.templates import with_outputs, with_variables
from runtime.templates import load_yaml, render

Values = Callable[[str], Any]
MADE = ("target", "logs", "dbt_packages", "dbt_modules")
PACKAGES = ("packages.yml", "dependencies.yml")
NOT_FOR_DBT = frozenset({"context", "logger"})
_turn = Lock()
"""dbt keeps adapters and flags for the whole process (dbt: "Programmatic invocations")."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is needed all along the way."""

    context: Context
    values: Values
    variables: Mapping[str, Any]
    place: Path
    project: Mapping[str, Any]
    """dbt_project.yml."""
    connected: Connection

    @property
    def home(self) -> Path:
        """The copy of the dbt project, under its own name."""
        return self.place / Path(self.original).name

    @property
    def original(self) -> str:
        return original_of(self.context)

    def folder(self, key: str, usual: str) -> Path:
        """The first of the project's folders of a sort."""
        return self.home / str((self.project.get(key) or [usual])[0])

    @property
    def where(self) -> Where:
        profiles, scratch = str(self.place / "profiles"), str(self.place)
        return Where(str(self.home), profiles, scratch, self.connected.target)

    def invoke(self, words: tuple[str, ...]) -> Any:
        """What dbt answers, or DbtError."""
        answer = _runner().invoke(list(words))
        refuse(answer, self.context.file, self.original)
        return answer


def _runner() -> Any:
    os.environ.setdefault("DO_NOT_TRACK", "1")
    return library("dbt.cli.main", "dbt-core", "a dbt block").dbtRunner()


def original_of(context: Context) -> str:
    folder = str(context.spec.dbt.get("folder") or "")
    if not folder:
        raise SettingsProblem("this dbt block belongs to no dbt project", file=context.file, line=1)
    return f"{context.project}/{folder}"


def run_dbt(context: Context, values: Values, kwargs: Mapping[str, Any]) -> Any:
    """A model's rows if somebody below wants them; else nothing."""
    with _turn, tempfile.TemporaryDirectory(prefix="dbt-") as folder:
        work = _prepared(context, values, kwargs, Path(folder))
        if any((work.home / name).is_file() for name in PACKAGES):
            work.invoke(work.where.command("deps"))
        _seed(work)
        return _command(work) if context.spec.language == "yaml" else _model(work)


def _model(work: Work) -> Any:
    spec = work.context.spec
    task = command.task_of(spec, work.project)
    work.invoke(command.for_model(spec, task, work.where, work.variables))
    if not spec.dbt.get("returns"):
        return None
    words = command.for_model(spec, "show", work.where, work.variables, rows=True)
    return rows_of(work.invoke(words), command.model_of(spec))


def _command(work: Work) -> None:
    spec = work.context.spec
    text = Path(work.context.file).read_text(encoding="utf-8-sig")
    text = with_outputs(text, spec.upstream, work.values, work.variables)
    text = with_variables(text, work.variables)
    work.invoke(command.for_text(spec, text, work.where, work.variables))


# -- before dbt runs --------------------------------------------------------------------------


def _prepared(context: Context, values: Values, kwargs: Mapping[str, Any], place: Path) -> Work:
    """The copy, and profiles.yml beside it for this call alone."""
    original = Path(original_of(context))
    copy = place / original.name
    shutil.copytree(original, copy, ignore=shutil.ignore_patterns(*MADE, "profiles.yml"))
    variables = {name: value for name, value in kwargs.items() if name not in NOT_FOR_DBT}
    written = load_yaml((copy / "dbt_project.yml").read_text(encoding="utf-8-sig")) or {}
    connected = _connection(context, str(written.get("profile") or "default"), variables)
    profiles = place / "profiles" / "profiles.yml"
    profiles.parent.mkdir(mode=0o700)
    profiles.write_text(connected.to_yaml(), encoding="utf-8")
    return Work(context, values, variables, place, written, connected)


def _connection(context: Context, profile: str, variables: Mapping[str, Any]) -> Connection:
    file = Path(context.project, str(context.spec.dbt.get("profiles") or "profiles.yml"))
    if not file.is_file():
        raise SettingsProblem(f"there is no {file.name} for this dbt block", file=context.file)
    asked = str(context.spec.configuration.get("dbt_profile_target") or "")
    target = render(asked, {**variables, "variables": variables.get}).strip()
    text = file.read_text(encoding="utf-8-sig")
    return connection(text, profile, target, variables, str(file))


def _seed(work: Work) -> None:
    """Declare what models name; load what this block stands on."""
    models = work.folder("model-paths", "models")
    texts = [path.read_text(encoding="utf-8-sig") for path in sorted(models.rglob("*.sql"))]
    names = list(dict.fromkeys(map(sources.source_name, (work.original, work.context.project))))
    tables = sources.asked(texts, names)
    if not tables:
        return
    file = models / sources.FILE
    before = load_yaml(file.read_text(encoding="utf-8-sig")) if file.is_file() else None
    _dump(file, sources.declared(before, names, tables, work.connected.schema))
    own = Path(work.context.file).read_text(encoding="utf-8-sig")
    is_model = work.context.spec.language == "sql"
    _load(work, sources.asked([own], names) if is_model else tables)


def _load(work: Work, tables: list[str]) -> None:
    """`dbt seed` of the upstream blocks that are named; tables without rows are left out."""
    spec = work.context.spec
    named = {sources.table(spec.pipeline, uuid): uuid for uuid in spec.upstream}
    frames = {t: as_table(work.values(named[t]), named[t]) for t in tables if t in named}
    full = {name: frame for name, frame in frames.items() if len(frame)}
    if not full:
        return
    seeds = work.folder("seed-paths", "seeds") / sources.SEEDS
    seeds.mkdir(parents=True)
    for name, frame in full.items():
        frame.to_csv(seeds / f"{sources.identifier(name)}.csv", index=False)
    _dump(seeds / "properties.yml", sources.seed_settings(list(full)))
    told = command.variables_json(work.variables)
    chosen = [sources.identifier(name) for name in full]
    work.invoke(work.where.command("seed", "--select", *chosen, command.VARS, told))


def _dump(file: Path, content: Any) -> None:
    file.write_text(library("yaml", "pyyaml").safe_dump(content, sort_keys=False))
