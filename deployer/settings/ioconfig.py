"""io_config.yaml as text: which profile asks for what, and credentials written out in it.

The file is never rendered here and its values go nowhere but into secrets: a bundle's copy
asks the environment instead (Mage: "Data loading", io_config.yaml).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import yaml

from deployer.load.templates import calls
from deployer.model import Place

ASKING = frozenset(
    {"env_var", "mage_secret_var", "aws_secret_var", "azure_secret_var"}
    | {"gcp_secret_var", "hashicorp_secret_var"}
)
SENSITIVE = re.compile(
    r"""(?xi) .*(pass|password|passwd|passphrase|secret|token|api_?key|private_?key(_id)?
                 |access_?key(_id)?|application_key(_id)?|connection_string|pkey|credentials?)$"""
)
HARMLESS = re.compile(r"(?i).*(_path|_filepath|_method|_uri|_url|_file)$|path_to_.*")
URL_WITH_PASSWORD = re.compile(r"[a-z][a-z0-9+]*://[^:/\s@]*:[^@/\s]+@")
PLACEHOLDER = re.compile(
    r"""(?xi) (your|my|the|some|example|sample|fake|dummy|test)?[-_ ]*
        (password|passwd|pass|secret|token|key|key-id|key_id|api[-_]key|access[-_]key.*|user
        |username|xxx+|\*+|\.+|none|null|true|false|change[-_]?me|placeholder|todo|n/?a|-+)
        | (session_token|temp_password|mage1337|secret_access_key|access_key_id)(\ .*)?
        | <.*> | .*\{\w+\}.* | .*your[-_ ].* | .*xxxx.* | \s*"""
)
TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Literal:
    """A credential written out in io_config.yaml."""

    name: str
    """The environment variable that takes its place, e.g. IO_DEFAULT_POSTGRES_PASSWORD."""
    value: str
    place: Place
    profile: str
    start: int
    """Where the value begins and ends in the text."""
    end: int


@dataclass(frozen=True, slots=True)
class IoConfig:
    """The file's text and what was found in it."""

    path: Path
    text: str
    literals: tuple[Literal, ...]
    asked: tuple[tuple[str, str, int], ...]
    """(profile, name, line) of each env_var('NAME') and the like."""
    profiles: tuple[str, ...]
    borrowed: tuple[tuple[str, str], ...] = ()
    """(profile, the one it takes values from through a YAML alias, `<<: *name`)."""

    def names(self, profiles: frozenset[str] | None) -> Iterator[str]:
        """What these profiles ask for; None stands for all."""
        profiles = None if profiles is None else self._with_borrowed(profiles)
        for profile, name, _ in self.asked:
            if profiles is None or profile in profiles:
                yield name
        for literal in self.literals:
            if profiles is None or literal.profile in profiles:
                yield literal.name

    def _with_borrowed(self, profiles: frozenset[str]) -> frozenset[str]:
        more = profiles | {source for profile, source in self.borrowed if profile in profiles}
        return more if more == profiles else self._with_borrowed(more)

    def without_secrets(self) -> str:
        """The text with a reference for each literal credential; `tojson` keeps line breaks."""
        parts, last = [], 0
        for literal in sorted(self.literals, key=lambda found: found.start):
            parts += [
                self.text[last : literal.start],
                f"{{{{ env_var('{literal.name}') | tojson }}}}",
            ]
            last = literal.end
        return "".join([*parts, self.text[last:]])


def read(path: Path, prefix: str = "IO") -> IoConfig:
    """`prefix` begins the names of the variables that take the place of credentials."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    sections = list(_sections(text))
    asked = tuple(
        (_section_at(sections, line), name, line) for _, name, line in calls(text, ASKING)
    )
    return IoConfig(
        path,
        text,
        tuple(_literals(path, text, prefix)),
        asked,
        tuple(name for name, _ in sections),
        tuple(_borrowed(text, sections)),
    )


def _borrowed(text: str, sections: list[tuple[str, int]]) -> Iterator[tuple[str, str]]:
    lines = list(enumerate(text.splitlines(), 1))
    homes = {
        anchor: _section_at(sections, number)
        for number, line in lines
        for anchor in re.findall(r":\s*&([\w-]+)", line)
    }
    for number, line in lines:
        for alias in re.findall(r"[:,\[-]\s*\*([\w-]+)", line):
            if alias in homes:
                yield _section_at(sections, number), homes[alias]


def _sections(text: str) -> Iterator[tuple[str, int]]:
    """Top-level keys and their lines; also in a file that no YAML parser takes."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"""["']?([A-Za-z0-9_.-]+)["']?\s*:""", line):
            yield found[1], number


def _section_at(sections: list[tuple[str, int]], line: int) -> str:
    ends = [*sections, ("", 1 << 60)]
    inside = (name for (name, first), (_, after) in pairwise(ends) if first <= line < after)
    return next(inside, "")


def _literals(path: Path, text: str, prefix: str) -> Iterator[Literal]:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        root = None
    found = _in_yaml(root, ()) if root is not None else _in_lines(text)
    taken: set[str] = set()
    for keys, value, start, end in found:
        if not _is_secret(keys[-1], value):
            continue
        name = plain = re.sub(r"\W+", "_", "_".join((prefix, *keys))).upper()
        number = 2
        while name in taken:
            name, number = f"{plain}_{number}", number + 1
        taken.add(name)
        line = text.count("\n", 0, start) + 1
        yield Literal(name, value, Place(path, line), keys[0], start, end)


def _in_yaml(
    node: yaml.Node, keys: tuple[str, ...], depth: int = 0
) -> Iterator[tuple[tuple[str, ...], str, int, int]]:
    if isinstance(node, yaml.MappingNode) and depth < 8:
        for key, value in node.value:
            yield from _in_yaml(value, (*keys, str(key.value)), depth + 1)
    elif isinstance(node, yaml.ScalarNode) and len(keys) > 1:
        end = node.end_mark.index - (1 if node.style in {"|", ">"} else 0)
        yield keys, str(node.value), node.start_mark.index, end


def _in_lines(text: str) -> Iterator[tuple[tuple[str, ...], str, int, int]]:
    """`KEY: value` lines under their profile, when the whole is no YAML before templating."""
    profile = ""
    for line in re.finditer(r"^(\s*)([A-Za-z_][\w ]*):[ \t]*(.*?)[ \t]*$", text, re.MULTILINE):
        if not line[1].strip("\n"):
            profile = line[2]
        elif value := re.sub(r"\s+#.*$", "", line[3]).strip("'\""):
            yield (profile, line[2]), value, line.start(3), line.end(3)


def _is_secret(key: str, value: str) -> bool:
    if TEMPLATE.search(value) or PLACEHOLDER.fullmatch(value):
        return False
    if URL_WITH_PASSWORD.match(value):
        return True
    if "PRIVATE KEY-----" in value:
        return "your" not in value.lower()
    return bool(SENSITIVE.fullmatch(key)) and not HARMLESS.fullmatch(key)
