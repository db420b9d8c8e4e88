"""blocklift.yaml: targets and defaults, checked as they are read.

targets:
  prod:
    project_id: my-project
    region: europe-west1
    bucket: my-project-runs
defaults:
  memory: 1Gi
  timeout: 600
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from deployer.errors import Problem
from deployer.load.document import Document, Keys
from deployer.packaging.choice import PACKAGINGS

Rule = tuple[Callable[[Any], bool], str]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _matches(pattern: str) -> Callable[[Any], bool]:
    return lambda value: re.fullmatch(pattern, str(value)) is not None


def _between(low: float, high: float) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
    )


TEXT: Rule = (_is_text, "a text")
MAPPING: Rule = (lambda value: isinstance(value, Mapping), "keys and values")
MEMORY: Rule = (_matches(r"\d+(\.\d+)?(Mi|Gi|M|G)"), "a size such as 512Mi or 2Gi")
CPU: Rule = (_matches(r"\d+(\.\d+)?"), "a number of CPUs such as 1 or 0.5")
PYTHON: Rule = (_matches(r"(python)?3\.?1[0-4]"), "3.10 to 3.14")
LIST: Rule = (lambda value: isinstance(value, list), "a list of names")
PACKAGING: Rule = (lambda value: value in PACKAGINGS, " or ".join(PACKAGINGS))
BOOLEAN: Rule = (lambda value: isinstance(value, bool), "true or false")

DEFAULTS: Mapping[str, Rule] = {
    "memory": MEMORY,
    "cpu": CPU,
    "timeout": (_between(1, 604_800), "seconds, 1 to 604800"),
    "min_instances": (_between(0, 1000), "a number from 0 to 1000"),
    "max_instances": (_between(1, 1000), "a number from 1 to 1000"),
    "concurrency": (_between(1, 1000), "a number from 1 to 1000"),
    "python": PYTHON,
}
TARGET: Mapping[str, Rule] = {
    "project_id": (
        _matches(r"[a-z][a-z0-9-]{4,28}[a-z0-9]"),
        "a Google Cloud project id (6 to 30 lower-case letters, digits, hyphens)",
    ),
    "region": (_matches(r"[a-z]+-[a-z]+\d"), "a region such as europe-west1"),
    "bucket": (_matches(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]"), "a bucket's name"),
    "buckets": LIST,
    "build_account": TEXT,
    "keep_days": (_between(1, 3650), "days, 1 to 3650"),
    "service_account": TEXT,
    "service_accounts": MAPPING,
    "impersonate": TEXT,
    "credentials": TEXT,
    "packaging": PACKAGING,
    "ingress": TEXT,
    "vpc_connector": TEXT,
    "suffix": TEXT,
    "labels": MAPPING,
    "defaults": MAPPING,
    "env": TEXT,
    "url": TEXT,
}
TOP: Mapping[str, Rule] = {
    "targets": MAPPING,
    "defaults": MAPPING,
    "packaging": PACKAGING,
    "buckets": LIST,
    "secrets": (lambda value: isinstance(value, list | Mapping), "a list of names"),
    "requirements": (lambda value: isinstance(value, list | Mapping), "a list of requirements"),
    "events": (lambda value: isinstance(value, list), "a list of events"),
    "files": (lambda value: isinstance(value, list), "a list of paths"),
}


def problems(document: Document) -> Iterator[Problem]:
    """Every key that is unknown and every value that cannot be."""
    yield from _section(document, (), TOP)
    yield from _section(document, ("defaults",), DEFAULTS)
    targets = document.value.get("targets")
    for name in targets if isinstance(targets, Mapping) else ():
        yield from _section(document, ("targets", name), TARGET)
        yield from _section(document, ("targets", name, "defaults"), DEFAULTS)


def _section(document: Document, keys: Keys, rules: Mapping[str, Rule]) -> Iterator[Problem]:
    section: Any = document.value
    for key in keys:
        section = section.get(key) if isinstance(section, Mapping) else None
    if section is None:
        return
    if not isinstance(section, Mapping):
        if len(keys) > 1:
            yield document.problem(f"{'.'.join(map(str, keys))} should be keys and values", *keys)
        return
    for key, value in section.items():
        if problem := _value(document, (*keys, key), value, rules):
            yield problem


def _value(document: Document, keys: Keys, value: Any, rules: Mapping[str, Rule]) -> Problem | None:
    name = str(keys[-1])
    if name not in rules:
        return document.problem(f"unknown key {name!r}", *keys, hint=_nearest(name, rules))
    fits, wanted = rules[name]
    if value is None or fits(value):
        return None
    return document.problem(f"{name} should be {wanted}, not {value!r}", *keys)


def _nearest(name: str, rules: Mapping[str, Rule]) -> str:
    near = difflib.get_close_matches(name, rules, 1)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(rules)}"
