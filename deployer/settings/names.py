"""Names that a project asks its surroundings for, and credentials written where they leak."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from dotenv import dotenv_values

from deployer.code import dbt
from deployer.code.imports import reach
from deployer.code.inlining import inlined
from deployer.code.source import Source, source_of
from deployer.errors import Problem
from deployer.load.document import text_of
from deployer.load.templates import calls
from deployer.model import Block, Kind, Language, Pipeline, Project
from deployer.notify import notifications
from deployer.settings import extras, ioconfig
from deployer.settings.ioconfig import IoConfig, Literal

__all__ = ["Literal", "dotenv", "literals", "needed", "written_in_code"]

GIVEN = re.compile(
    r"""(?x) PATH | HOME | PWD | USER | LANG | TZ | TMPDIR | SHELL | HOSTNAME | PORT | ENV
      | PYTHON\w* | K_\w+ | FUNCTION_\w+ | GCP_PROJECT | GOOGLE_CLOUD_PROJECT
      | GOOGLE_APPLICATION_CREDENTIALS | GCLOUD_PROJECT | MAGE_\w+ | USER_CODE_PATH"""
)
"""Set by the platform, or of no use there: a key file never leaves this machine."""
IN_CODE = re.compile(
    r"""(?x) AKIA[0-9A-Z]{16} | AIza[0-9A-Za-z_-]{35} | ghp_[0-9A-Za-z]{36}
      | github_pat_\w{60,} | xox[abprs]-[0-9A-Za-z-]{10,} | sk-[0-9A-Za-z_-]{32,}
      | sk_live_[0-9A-Za-z]{20,} | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----
      | [a-z][a-z0-9+]*://[^:/\s@{}]+:[^@/\s{}]{3,}@[^\s]+"""
)


def needed(project: Project, pipeline: Pipeline, block: Block) -> tuple[str, ...]:
    """The least set of names that this block may ask for, sorted."""
    names = set(_by_code(project, block)) | set(extras.secrets(project, pipeline, block))
    if dbt.is_dbt(block):
        names |= set(dbt.names(project, block))
    for text in (block, *inlined(pipeline, block)):
        names |= set(_by_texts(text))
    profiles = _profiles(project, pipeline, block)
    if profiles != frozenset() and (config := io_config(project)):
        names |= set(config.names(profiles))
    return tuple(sorted(name for name in names if not GIVEN.fullmatch(name)))


def _by_code(project: Project, block: Block) -> Iterator[str]:
    for source in reach(project, block).sources:
        yield from (name for name, _ in source.settings)


def _by_texts(block: Block) -> Iterator[str]:
    """What SQL, YAML and configuration ask for through templates."""
    texts = [str(block.configuration)] if block.configuration else []
    if block.language is not Language.PYTHON:
        texts.append(code_of(block))
    for text in texts:
        yield from (name for _, name, _ in calls(text, ioconfig.ASKING))


def code_of(block: Block) -> str:
    if block.content is not None:
        return block.content
    if not block.file.is_file():
        return ""
    return block.file.read_text(encoding="utf-8-sig", errors="replace")


def _profiles(project: Project, pipeline: Pipeline, block: Block) -> frozenset[str] | None:
    """Profiles that a block uses: none, some, or (None) nobody knows which."""
    if block.language is Language.SQL and block.kind is not Kind.DBT:
        written = text_of(block.configuration.get("data_provider_profile")) or "default"
        return None if "{{" in written else frozenset({written})
    found = reach(project, block)
    if not found.uses_io_config:
        return frozenset()
    profiles: set[str] = set()
    for source in found.sources:
        if source.profiles is None:
            return None
        profiles |= source.profiles
    return frozenset(profiles) if profiles else None


def uses_io_config(project: Project, pipeline: Pipeline, block: Block) -> bool:
    return _profiles(project, pipeline, block) != frozenset()


def literals(project: Project) -> tuple[Literal, ...]:
    """Credentials in io_config, and those of notifications: bundles carry a reference instead,
    the value is a secret.
    """
    config = io_config(project)
    written = (*(config.literals if config else ()), *notifications.literals(project))
    return (*written, *dbt.literals(project))


def io_config(project: Project) -> IoConfig | None:
    if project.io_config is None or not project.io_config.is_file():
        return None
    about = project.io_config.stat()
    return _io_config(project.io_config, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=64)
def _io_config(path: Path, _changed: int, _size: int) -> IoConfig:
    return ioconfig.read(path)


def dotenv(project: Project) -> Mapping[str, str]:
    """What `.env` beside the project says, without touching this process's environment."""
    file = project.root / ".env"
    if not file.is_file():
        return {}
    values = dotenv_values(file, interpolate=False, encoding="utf-8-sig")
    return {key: value for key, value in values.items() if value is not None}


def written_in_code(project: Project) -> tuple[Problem, ...]:
    """Credentials in block files: they travel inside bundles, so their author should know.

    The value itself is not repeated.
    """
    files = {block.file for pipeline in project.pipelines for block in pipeline.blocks}
    found = (problem for file in sorted(files) for problem in _in_source(source_of(file)))
    return tuple(found) if files else ()


def _in_source(source: Source) -> Iterator[Problem]:
    for text, line in source.strings:
        if IN_CODE.search(text):
            message = "this looks like a credential: it goes into the function's source"
            hint = "put it into .env and read it with os.environ['NAME']"
            yield Problem(source.path, line, message, hint)
