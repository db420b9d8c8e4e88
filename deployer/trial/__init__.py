"""Bundles are started here once before they are uploaded: an import that fails is shown as itself.

A build takes minutes and ends in "Container Healthcheck failed"; this takes a moment. Only
imports are run, without the credentials and settings of this machine. A library that is not
installed here, or in another version than the function gets, cannot be judged: that is said.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

import runtime
from deployer.bundle import Bundle
from deployer.code.listing import distributions
from deployer.errors import Problem

Json = Any
WORKER = Path(__file__).with_name("worker.py")
LONGEST = 600
OURS = frozenset({"mage_ai", "runtime"})
"""In every bundle."""
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH")
"""All that an import learns of this machine's environment."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How the starts went."""

    problems: tuple[Problem, ...] = ()
    unclear: tuple[str, ...] = ()
    """What could not be checked here, and why."""


def tried(root: Path, bundles: Sequence[Bundle]) -> Trial:
    """Each bundle started once. `root` is the project's folder, in which mistakes are shown."""
    if not bundles:
        return Trial()
    with tempfile.TemporaryDirectory(prefix="blocklift-trial-") as folder:
        places = [unpacked(Path(folder, str(n)), made) for n, made in enumerate(bundles)]
        answers = asked(places)
    found = [judged(root, made, answer) for made, answer in zip(bundles, answers, strict=True)]
    problems = {item for item in found if isinstance(item, Problem)}
    unclear = {item for item in found if isinstance(item, str)}
    ordered = sorted(problems, key=lambda p: (str(p.path), p.line, p.message))
    return Trial(tuple(ordered), tuple(sorted(unclear)))


def unpacked(place: Path, made: Bundle) -> Path:
    """The runtime is the one beside us, so it is linked."""
    place.mkdir()
    (place / "runtime").symlink_to(Path(runtime.__file__).parent)
    for name, content in made.files.items():
        if not name.startswith("runtime/"):
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return place


def asked(places: Sequence[Path]) -> list[Mapping[str, Json]]:
    done = subprocess.run(
        [sys.executable, "-B", str(WORKER)],
        input=json.dumps([str(place) for place in places]),
        capture_output=True,
        text=True,
        timeout=LONGEST,
        env={name: os.environ[name] for name in KEPT if name in os.environ},
        check=False,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    silent = {"outcome": "unclear", "message": f"the check itself ended: {done.stderr[-300:]}"}
    return [*answers, *([silent] * (len(places) - len(answers)))]


def judged(root: Path, made: Bundle, answer: Mapping[str, Json]) -> Problem | str | None:
    """A mistake with its place, or why nobody can tell, or None when all is well."""
    if answer["outcome"] == "ok":
        return None
    if answer["outcome"] == "unclear":
        said = ": ".join(filter(None, (answer.get("type"), answer["message"])))
        return f"{made.name}: {said}{place_in(answer)}"
    if elsewhere := another_library(made, answer):
        return f"{made.name}: {elsewhere}"
    path = root.parent / answer["file"] if answer["file"] else root
    hint = f"{made.name} would not start; --no-start-check deploys it all the same"
    return Problem(path, answer["line"], f"{answer['type']}: {answer['message']}", hint)


def place_in(answer: Mapping[str, Json]) -> str:
    return f" ({answer['file']}:{answer['line']})" if answer.get("file") else ""


def another_library(made: Bundle, answer: Mapping[str, Json]) -> str:
    """Why a failed import says nothing about the cloud; empty when it does."""
    top = str(answer["module"]).partition(".")[0]
    if not top or top in OURS or top in sys.stdlib_module_names or is_own(made, top):
        return ""
    found = distributions().get(top)
    if not found:
        return f"{top} is not installed here, so its import was not tried"
    different = next(mismatched(made, found), "")
    return f"{different} is not installed here in the function's version" if different else ""


def is_own(made: Bundle, top: str) -> bool:
    """A module of the project, whichever of the two folders it is imported from."""
    parts = {part for name in made.files for part in name.split("/")[1:4]}
    return bool(parts & {top, f"{top}.py"})


def mismatched(made: Bundle, names: Sequence[str]) -> Iterator[str]:
    wanted = {canonicalize_name(name) for name in names}
    for line in made.requirements:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        name = canonicalize_name(requirement.name)
        if name in wanted and not requirement.specifier.contains(metadata.version(name), True):
            yield str(requirement)
