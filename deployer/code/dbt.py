"""What a dbt block stands on: its dbt project, its connection profiles, its adapter.

Mage: "dbt blocks". A model is a file inside a dbt project; a command line names its project.
Profiles lie beside the project's dbt_project.yml. They are read as text that is a template
first: a bundle's copy asks the environment for every credential that is written out in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from deployer.load.document import mapping_of, text_of
from deployer.load.templates import calls
from deployer.model import Block, Kind, Language, Pipeline, Project
from deployer.settings import ioconfig
from deployer.settings.ioconfig import IoConfig, Literal

PROJECT_FILE = "dbt_project.yml"
PROFILES = "profiles.yml"
MADE = frozenset({"target", "logs", "dbt_packages", "dbt_modules"})
"""Folders that dbt fills by itself."""
TEXTS = frozenset({".csv", ".md", ".py", ".sql", ".txt", ".yaml", ".yml"})
ASKING = frozenset({".py", ".sql", ".yaml", ".yml"})
ADAPTERS = frozenset(
    {"bigquery", "clickhouse", "duckdb", "postgres", "redshift", "snowflake"}
    | {"spark", "sqlserver", "synapse", "trino"}
)
"""Those that Mage brings (Mage: "dbt blocks", adapters)."""
OWN_DISK = (
    (
        "keeps its tables in a DuckDB file, which the pipeline's other dbt blocks, each a function "
        "with a disk of its own, do not see"
    ),
    "let one YAML dbt block build them all, or use Postgres, BigQuery or `md:`",
)
BARE = re.compile(r"(?m)(:[ \t]+)(\{\{.*\}\})[ \t]*$")
FILE_BYTES = 32 * 1024 * 1024


def is_dbt(block: Block) -> bool:
    return block.kind is Kind.DBT


def folder_of(project: Project, block: Block) -> Path | None:
    """The dbt project's folder, inside the Mage project."""
    if block.language is Language.SQL:
        above = [path for path in block.file.parents if path.is_relative_to(project.root)]
        return next((path for path in above if (path / PROJECT_FILE).is_file()), None)
    written = text_of(block.configuration.get("dbt_project_name"))
    if not written:
        found = _projects(project.root)
        return found[0] if len(found) == 1 else None
    places = _places(project, written)
    return next((path for path in places if (path / PROJECT_FILE).is_file()), None)


def _projects(root: Path) -> list[Path]:
    found = [*root.glob(f"dbt/{PROJECT_FILE}"), *root.glob(f"dbt/*/{PROJECT_FILE}")]
    return sorted(path.parent for path in found)


def _places(project: Project, written: str) -> Iterator[Path]:
    """Where a path may lead that somebody wrote for `/home/src/<project>/…` or for `dbt/`."""
    parts = [part for part in PurePosixPath(written).parts if part not in {"/", "."}]
    if not parts or ".." in parts:
        return
    if project.name in parts:
        yield project.root.joinpath(*parts[parts.index(project.name) + 1 :])
    yield project.root.joinpath(*parts)
    yield project.root.joinpath("dbt", *parts)


def profiles_of(project: Project, block: Block) -> Path | None:
    """As configured; else beside the dbt project, or above it inside the Mage project."""
    written = text_of(block.configuration.get("dbt_profiles_file_path"))
    places = [place / name for place in _places(project, written) for name in ("", PROFILES)]
    if folder := folder_of(project, block):
        above = [folder, *folder.parents]
        places += [path / PROFILES for path in above if path.is_relative_to(project.root)]
    return next((path for path in places if path.is_file() and holds_connections(path)), None)


def facts(project: Project, pipeline: Pipeline, block: Block) -> dict[str, Any]:
    """What the runtime is told of it: BlockSpec.dbt."""
    folder, profiles = folder_of(project, block), profiles_of(project, block)
    below = [other for other in pipeline.blocks if block.id in other.upstream]
    return {
        "folder": _inside(project, folder),
        "profiles": _inside(project, profiles),
        "returns": block.language is Language.SQL and not all(is_dbt(other) for other in below),
    }


def _inside(project: Project, path: Path | None) -> str:
    return path.relative_to(project.root).as_posix() if path else ""


def files(project: Project, block: Block) -> Iterator[Path]:
    """The whole dbt project, since every model is parsed for each, and the profiles."""
    folder, profiles = folder_of(project, block), profiles_of(project, block)
    yield from _sources(folder) if folder else ()
    if profiles:
        yield profiles


def holds_connections(path: Path) -> bool:
    """By name, so that no copy of such a file travels as it is."""
    return "profiles" in path.name.lower() and path.suffix in {".yml", ".yaml"}


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        usual = not MADE & set(inside.parts) and path.suffix in TEXTS
        if usual and path.is_file() and path.stat().st_size <= FILE_BYTES:
            yield path


def connections(profiles: Path) -> IoConfig:
    """profiles.yml: what it asks for, and credentials that are written out in it."""
    about = profiles.stat()
    return _connections(profiles, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=64)
def _connections(profiles: Path, _changed: int, _size: int) -> IoConfig:
    return ioconfig.read(profiles, "DBT")


def names(project: Project, block: Block) -> Iterator[str]:
    """Settings that the dbt project and its profiles ask for."""
    folder, profiles = folder_of(project, block), profiles_of(project, block)
    if profiles:
        yield from connections(profiles).names(None)
    for path in _sources(folder) if folder else ():
        if path.suffix in ASKING and path != profiles:
            text = path.read_text(encoding="utf-8-sig", errors="replace")
            yield from (name for _, name, _ in calls(text, ioconfig.ASKING))


def literals(project: Project) -> Iterator[Literal]:
    blocks = (block for pipeline in project.pipelines for block in pipeline.blocks)
    found = {profiles_of(project, block) for block in blocks if is_dbt(block)}
    for profiles in sorted(path for path in found if path):
        yield from connections(profiles).literals


# -- adapters ---------------------------------------------------------------------------------


def adapters(project: Project, block: Block) -> tuple[str, ...]:
    """Of the output that the block's target names; of all when only a run knows which."""
    return tuple(sorted({text_of(o.get("type")) for o in _targeted(project, block)} - {""}))


def _targeted(project: Project, block: Block) -> tuple[Mapping[str, Any], ...]:
    outputs = _outputs(project, block)
    target = text_of(block.configuration.get("dbt_profile_target"))
    return (outputs[target],) if target in outputs else tuple(outputs.values())


def requirement(adapter: str) -> str:
    """Below 2, where adapters are another engine's."""
    return f"dbt-{adapter}<2"


def table_of(project: Project, block: Block) -> dict[str, Any]:
    """Where SQL blocks find a model: its name, in its profile's schema as far as that is plain."""
    if not is_dbt(block) or block.language is not Language.SQL:
        return {}
    named = {text_of(o.get("schema") or o.get("dataset")) for o in _targeted(project, block)}
    plain = {name for name in named if name and "{{" not in name}
    return {"data_provider_table": block.file.stem} | (
        {"dbt_schema": plain.pop()} if len(plain) == 1 else {}
    )


def _outputs(project: Project, block: Block) -> Mapping[str, Mapping[str, Any]]:
    """Output → its settings; just the default one if the block names no target."""
    profile = profile_of(project, block)
    written = {name: mapping_of(o) for name, o in mapping_of(profile.get("outputs")).items()}
    default = text_of(profile.get("target")) or "default"
    asked = block.configuration.get("dbt_profile_target")
    return {default: written[default]} if not asked and default in written else written


def profile_of(project: Project, block: Block) -> Mapping[str, Any]:
    """The profile that dbt_project.yml names, as far as it can be read before it is rendered."""
    folder, profiles = folder_of(project, block), profiles_of(project, block)
    if folder is None or profiles is None:
        return {}
    name = text_of(_read(folder / PROJECT_FILE).get("profile"))
    return mapping_of(_read(profiles).get(name))


def _read(path: Path) -> Mapping[str, Any]:
    """Expressions that YAML would not take, such as bare `{{ x }}`, are quoted first."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    text = re.sub(r"\{%.*?%\}", "", text, flags=re.DOTALL)
    text = BARE.sub(lambda found: found[1] + json.dumps(found[2]), text)
    try:
        return mapping_of(yaml.safe_load(text))
    except yaml.YAMLError:
        return {}


# -- mistakes -------------------------------------------------------------------------------


def mistakes(project: Project, pipeline: Pipeline, block: Block) -> Iterator[tuple[str, str]]:
    """(what is wrong, what to do about it)"""
    folder, profiles = folder_of(project, block), profiles_of(project, block)
    if folder is None:
        yield _homeless(block)
        return
    where = folder.relative_to(project.root).as_posix()
    if profiles is None:
        hint = f"put one beside {where}/{PROJECT_FILE}; passwords by env_var('NAME')"
        yield f"needs {PROFILES} to know its database", hint
        return
    found = adapters(project, block)
    if not found:
        asked = text_of(_read(folder / PROJECT_FILE).get("profile"))
        yield f"uses the profile {asked!r}, of which {PROFILES} says no type", "add `type:` to it"
    for name in sorted(set(found) - ADAPTERS):
        yield f"uses the adapter {name!r}, unknown here", f"known: {', '.join(sorted(ADAPTERS))}"
    if _on_own_disk(project, block) and sum(map(is_dbt, pipeline.blocks)) > 1:
        yield OWN_DISK


def _homeless(block: Block) -> tuple[str, str]:
    if block.language is Language.SQL:
        return f"lies in no dbt project: no {PROJECT_FILE} above it", "see configuration.file_path"
    written = text_of(block.configuration.get("dbt_project_name"))
    if written:
        return f"names the dbt project {written!r}, which has no {PROJECT_FILE}", "correct it"
    return "does not say which dbt project it is for", "set configuration.dbt_project_name"


def _on_own_disk(project: Project, block: Block) -> bool:
    """Every DuckDB database but those at MotherDuck."""
    return any(
        text_of(output.get("type")) == "duckdb"
        and not text_of(output.get("path")).startswith(("md:", "motherduck:", "{{"))
        for output in _targeted(project, block)
    )
