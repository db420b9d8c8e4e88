"""From a block to dbt's command line (Mage: "dbt blocks")."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import PurePosixPath
from typing import Any

from runtime.contract import BlockSpec
from runtime.errors import SettingsProblem

QUIET = ("--no-use-colors", "--no-send-anonymous-usage-stats", "--no-version-check")
"""Before every command: the log is plain, and nobody is told that a run took place."""
RUNTIME = "__mage_variables"
"""A variable in which a run may say more to single blocks."""
VARS = "--vars"


@dataclass(frozen=True, slots=True)
class Where:
    """Folders of one call, and the target among the profile's outputs."""

    project: str
    profiles: str
    scratch: str
    target: str = ""

    def words(self) -> tuple[str, ...]:
        target = ("--target", self.target) if self.target else ()
        return ("--project-dir", self.project, "--profiles-dir", self.profiles, *target)

    def command(self, *words: str) -> tuple[str, ...]:
        """A whole command line, without dbt's own name."""
        log = ("--log-path", f"{self.scratch}/logs")
        return (*QUIET, *log, *words, *self.words())


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the run says to this block: flags, and the graph around the model."""

    flags: tuple[str, ...] = ()
    prefix: str = ""
    suffix: str = ""

    @classmethod
    def of(cls, block: str, variables: Mapping[str, Any]) -> Wishes:
        found: Any = variables.get(RUNTIME)
        for key in ("blocks", block, "configuration"):
            found = found.get(key) if isinstance(found, Mapping) else None
        found = found if isinstance(found, Mapping) else {}
        flags = found.get("flags") or ()
        listed = [flags] if isinstance(flags, str) else flags
        words = tuple(word for flag in listed for word in shlex.split(str(flag)))
        return cls(words, str(found.get("prefix") or ""), str(found.get("suffix") or ""))


def model_of(spec: BlockSpec) -> str:
    """The model's name: its file's, without the ending."""
    return PurePosixPath(spec.path).stem


def task_of(spec: BlockSpec, dbt_project: Mapping[str, Any]) -> str:
    """`build` runs a model's tests too; who disables them runs the model or snapshot alone."""
    if not _settings(spec).get("disable_tests"):
        return "build"
    inside = PurePosixPath(spec.path).relative_to(str(spec.dbt.get("folder") or "."))
    places = dbt_project.get("snapshot-paths") or ["snapshots"]
    return "snapshot" if any(inside.is_relative_to(str(p)) for p in places) else "run"


def _settings(spec: BlockSpec) -> Mapping[str, Any]:
    written = spec.configuration.get("dbt")
    return written if isinstance(written, Mapping) else {}


def for_model(
    spec: BlockSpec, task: str, where: Where, variables: Mapping[str, Any], *, rows: bool = False
) -> tuple[str, ...]:
    """Build one model, or (`rows`) show all its rows."""
    wishes = Wishes.of(spec.block, variables)
    chosen = model_of(spec) if rows else f"{wishes.prefix}{model_of(spec)}{wishes.suffix}"
    words = [task, "--select", chosen, VARS, variables_json(variables)]
    words += ["--limit", "-1", "--quiet"] if rows else wishes.flags
    return where.command(*words)


def for_text(
    spec: BlockSpec, text: str, where: Where, variables: Mapping[str, Any]
) -> tuple[str, ...]:
    """A YAML block's command with the arguments that its text is."""
    try:
        arguments = shlex.split(text, comments=True)
    except ValueError as error:
        raise SettingsProblem(f"dbt's arguments cannot be read: {error}", line=1) from None
    command = shlex.split(str(_settings(spec).get("command") or "run"))
    given, rest = _without_vars(arguments)
    wishes = Wishes.of(spec.block, variables)
    told = (VARS, variables_json({**variables, **given}))
    return where.command(*command, *rest, *wishes.flags, *told)


def _without_vars(arguments: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """Variables in the text win over those of the run; dbt takes the option once."""
    given: dict[str, Any] = {}
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if name == VARS:
            given |= _read_vars(value if equals else next(words, "{}"))
        else:
            rest.append(word)
    return given, rest


def _read_vars(text: str) -> dict[str, Any]:
    from runtime.templates import load_yaml

    found = load_yaml(text)
    if not isinstance(found, dict):
        raise SettingsProblem(f"--vars should be a mapping: {text}", line=1)
    return found


def variables_json(variables: Mapping[str, Any]) -> str:
    """Variables that JSON can say; dates and times as texts."""
    return json.dumps({k: _plain(v) for k, v in sorted(variables.items()) if _is_plain(v)})


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(k, str) and _is_plain(v) for k, v in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, str | int | float | date | datetime | time)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, date | datetime | time) else value
