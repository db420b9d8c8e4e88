"""From a block's entry to the file of its code (Mage: "Blocks", file paths).

Mage looks at `configuration.file_path` first and then at `<kind>s/<uuid>.<extension>`;
`configuration.file_source.path`, which only multi-project set-ups read, is the last resort.
Renaming leaves stale paths behind, so a path that leads nowhere is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from deployer.load.document import mapping_of, text_of
from deployer.model import Kind, Language

FOLDERS = {kind: f"{kind.value}s" for kind in Kind} | {Kind.CUSTOM: "custom"}
EXTENSIONS = {
    Language.PYTHON: "py",
    Language.SQL: "sql",
    Language.R: "r",
    Language.YAML: "yaml",
}
OTHER_SPELLINGS = {"yaml": ("yml",), "r": ("R",)}
IGNORED = frozenset(
    {".git", ".blocklift", ".variables", ".file_versions", "__pycache__", ".venv"}
    | {"node_modules", "site-packages"}
)


def clean_name(uuid: str) -> str:
    """The file name that Mage gives to a new block of this name; `/` stays."""
    text = re.sub(r'[\ufeff"$\n\r\t]', "", uuid.strip())
    text = re.sub(r"[^\w/]", "_", text).lower()
    return f"letter_{text}" if text[:1].isdigit() else text


@dataclass(frozen=True)
class BlockFiles:
    """Finds block files inside one project."""

    root: Path
    _inside: dict[Path, bool] = field(default_factory=dict, compare=False, repr=False)

    def find(self, uuid: str, kind: Kind, language: Language, entry: Mapping[str, Any]) -> Path:
        """The block's file; the place where it should be when there is none."""
        default = self.default(uuid, kind, language)
        for path in self._candidates(uuid, kind, language, entry):
            if path.is_file() and self.owns(path):
                return path
        return default

    def default(self, uuid: str, kind: Kind, language: Language) -> Path:
        return self.root / FOLDERS[kind] / f"{uuid.strip('/')}.{EXTENSIONS[language]}"

    def owns(self, path: Path) -> bool:
        """Nothing outside the project is read, wherever a path or a link points."""
        if path.is_symlink() or ".." in path.parts:
            return path.resolve().is_relative_to(self._real_root)
        return self._is_inside(path.parent)

    @cached_property
    def _real_root(self) -> Path:
        return self.root.resolve()

    def _is_inside(self, folder: Path) -> bool:
        """Blocks lie side by side: their folder is resolved once."""
        if folder not in self._inside:
            self._inside[folder] = folder.resolve().is_relative_to(self._real_root)
        return self._inside[folder]

    def _candidates(
        self, uuid: str, kind: Kind, language: Language, entry: Mapping[str, Any]
    ) -> Iterator[Path]:
        settings = mapping_of(entry.get("configuration"))
        yield from self.places(text_of(settings.get("file_path")))
        yield from self._defaults(uuid, kind, language)
        yield from self.places(text_of(mapping_of(settings.get("file_source")).get("path")))

    def _defaults(self, uuid: str, kind: Kind, language: Language) -> Iterator[Path]:
        folder = self.root / FOLDERS[kind]
        extension = EXTENSIONS[language]
        for name in dict.fromkeys((uuid.strip("/"), clean_name(uuid))):
            if ".." in PurePosixPath(name).parts:
                continue
            for ending in (extension, *OTHER_SPELLINGS.get(extension, ())):
                yield folder / f"{name}.{ending}"
            yield folder / name  # a uuid that carries its own extension

    def places(self, written: str) -> Iterator[Path]:
        """Where a path that a person or the GUI wrote may lead, likeliest first."""
        parts = [part for part in PurePosixPath(written).parts if part not in {"/", "."}]
        if not parts or ".." in parts:
            return
        if self.root.name in parts:
            after = len(parts) - parts[::-1].index(self.root.name)
            yield self.root.joinpath(*parts[after:])
        yield self.root.joinpath(*parts)
        yield self.root.joinpath("dbt", *parts)
        yield from self._with_suffix(PurePosixPath(*parts))

    def _with_suffix(self, wanted: PurePosixPath) -> Iterator[Path]:
        for path in self._all_files:
            if path.name == wanted.name and str(path).endswith(f"/{wanted}"):
                yield path

    @cached_property
    def _all_files(self) -> tuple[Path, ...]:
        return tuple(_walk(self.root))


def _walk(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for path in entries:
        if path.is_symlink() or path.name in IGNORED:
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path
