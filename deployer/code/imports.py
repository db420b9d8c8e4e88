"""What a block reaches: project modules, the files they read, and libraries from elsewhere.

Mage puts the parent of the project's folder on the path, so code imports the project by its
folder's name and whatever lies beside it; many people start Mage inside the project and
import `utils` bare. All three are looked for, and only what a block reaches is found.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from deployer.code.listing import Listed, around, is_library, listed
from deployer.code.source import Import, Source, source_of
from deployer.load.files import FOLDERS
from deployer.model import Block, Language, Place, Project
from deployer.settings.secrecy import is_private

STANDARD = frozenset(sys.stdlib_module_names)
OURS = "mage_ai"
CODE = frozenset({".py", ".pyc", ".ipynb"})
MAGES = frozenset({*FOLDERS.values(), "pipelines", "charts", "scratchpads"})
"""Folders of Mage's own: a text that names one is hardly a path of data."""
DATA_FOLDERS = frozenset(
    {"assets", "config", "configs", "data", "datasets", "files", "queries", "resources"}
    | {"schemas", "seeds", "sql", "static", "templates"}
)
CONTAINER_HOME = "/home/src/"
FOLDER_FILES = 200
FILE_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Library:
    """An import that the project does not provide."""

    module: str
    """Dotted, with the imported name for `from a import b`: `a.b`."""
    base: str
    """As written after `from` or `import`."""
    place: Place
    optional: bool

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Reach:
    """Everything that one block's code leads to."""

    sources: tuple[Source, ...]
    """The block's own first, if it is Python."""
    files: tuple[Path, ...]
    """Code of the project, without the block's own file, and data files; sorted."""
    libraries: tuple[Library, ...]
    aliases: tuple[tuple[str, Path], ...] = ()
    """Names by which the code imports a folder of the repository that is called otherwise."""
    uses_io_config: bool = False

    def speaks_of(self, name: str) -> bool:
        """A text or a parameter of this name stands in the code: `kwargs["source"]`."""
        return any(
            name in source.parameters or any(name == text for text, _ in source.strings)
            for source in self.sources
        )


def reach(project: Project, block: Block) -> Reach:
    """What a block's code leads to; SQL and other texts lead to nothing but their checks."""
    return _look_at(project).reach(block)


@dataclass(slots=True)
class _Look:
    """What was found out about one project. A Project is a look at a moment; so is this."""

    project: Project
    listed: Listed
    near: tuple[Path, ...]
    """Folders of the repository around the project, and the project itself."""
    reaches: dict[tuple[Path, str | None, tuple[Path, ...]], Reach] = field(default_factory=dict)
    known: dict[int, tuple[Block, Reach]] = field(default_factory=dict)
    """By identity of the block, which is kept so that no other one gets its reach."""
    meant: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    """Text → what it means when it is read as a path."""
    named: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    """Text → the files that it means."""
    folders: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    """Text → the folders that it means or lies in."""
    modules: dict[tuple[Path, str], list[Path]] = field(default_factory=dict)

    def reach(self, block: Block) -> Reach:
        if id(block) not in self.known:
            self.known[id(block)] = (block, self._found(block))
        return self.known[id(block)][1]

    def _found(self, block: Block) -> Reach:
        if block.language is not Language.PYTHON and not block.checks:
            return Reach((), (), ())
        key = (block.file, block.content, tuple(check.file for check in block.checks))
        if key not in self.reaches:
            self.reaches[key] = self._walked(block)
        return self.reaches[key]

    def _walked(self, block: Block) -> Reach:
        walk = _Walk(self)
        if block.language is Language.PYTHON:
            walk.visit(source_of(block.file, block.content))
        walk.add([check.file for check in block.checks if check.file.is_file()])
        data = {path for source in walk.sources for path in _data(self.project, source)}
        files = (walk.files | data) - {block.file}
        aliases = tuple(sorted(walk.aliases.items()))
        return Reach(
            tuple(walk.sources),
            tuple(sorted(files)),
            tuple(walk.libraries),
            aliases,
            walk.uses_io_config,
        )

    def under(self, base: Path, module: str) -> list[Path]:
        """Files that importing a module runs: packages on the way, and the module itself."""
        key = (base, module)
        if key not in self.modules:
            self.modules[key] = list(self._under(base, module.split(".")))
        return self.modules[key]

    def _under(self, base: Path, parts: list[str]) -> Iterator[Path]:
        """Beside the project only what belongs to the same repository counts."""
        if base not in self.near and parts[0] != self.project.name:
            return
        whole = base.joinpath(*parts)
        ends = (whole.with_name(f"{whole.name}.py"), whole / "__init__.py")
        end = next((path for path in ends if path.is_file()), None)
        if end is None:
            return
        for count in range(1, len(parts)):
            package = base.joinpath(*parts[:count], "__init__.py")
            if package.is_file():
                yield package
        yield end


_looks: list[_Look] = []
"""The last one: whoever bundles a project asks for all of its blocks in turn."""


def _look_at(project: Project) -> _Look:
    if not _looks or _looks[-1].project is not project:
        _looks[:] = [_Look(project, listed(project), around(project.root))]
    return _looks[-1]


@dataclass(slots=True)
class _Walk:
    """From one file through its imports."""

    look: _Look
    sources: list[Source] = field(default_factory=list)
    files: set[Path] = field(default_factory=set)
    libraries: list[Library] = field(default_factory=list)
    seen: set[Path] = field(default_factory=set)
    aliases: dict[str, Path] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        return self.look.project

    @property
    def uses_io_config(self) -> bool:
        texts = (text for source in self.sources for text, _ in source.strings)
        return any("io_config" in text for text in texts) or any(
            library.module.startswith("mage_ai.io.config") for library in self.libraries
        )

    def visit(self, source: Source) -> None:
        if source.path in self.seen:
            return
        self.seen.add(source.path)
        self.sources.append(source)
        for found in source.imports:
            self._import(source, found)

    def _import(self, source: Source, found: Import) -> None:
        targets = list(_targets(source, found, self.project))
        modules = [path for target in targets for path in self._modules(target)]
        if modules:
            self.add(modules)
        elif not found.level:
            place = Place(source.path, found.line)
            self.libraries += (
                Library(name, found.module, place, found.optional)
                for name in _dotted(found)
                if name.partition(".")[0] not in STANDARD
            )

    def add(self, modules: list[Path]) -> None:
        for path in modules:
            self.files.add(path)
            self.visit(source_of(path))

    def _modules(self, module: str) -> list[Path]:
        for base in (self.project.root.parent, self.project.root):
            if found := self.look.under(base, module):
                return found
        return self._under_another_name(module)

    def _under_another_name(self, module: str) -> list[Path]:
        """The folder was called otherwise where Mage ran: the rest of the path tells which.

        `openweather_etl.utils.x` is `utils/x.py` of a project that lies in `openweather-etl`.
        But `sklearn.utils` is not, though the project has `utils` too.
        """
        first, _, rest = module.partition(".")
        if not rest or first in STANDARD or first == OURS or is_library(self.look.listed, first):
            return []
        for base in (self.project.root, self.project.root.parent):
            if found := self.look.under(base, rest):
                self.aliases[first] = base
                return found
        return []


def _dotted(found: Import) -> Iterator[str]:
    if not found.names:
        yield found.module
    for name in found.names:
        yield found.module if name == "*" else f"{found.module}.{name}"


def _targets(source: Source, found: Import, project: Project) -> Iterator[str]:
    """Dotted names, seen from the folder above the project, that an import may mean."""
    module = found.module
    if found.level:
        folder = source.path.parent
        for _ in range(found.level - 1):
            folder = folder.parent
        try:
            inside = folder.relative_to(project.root.parent)
        except ValueError:
            return
        module = ".".join((*inside.parts, *filter(None, [found.module])))
    if module:
        yield module
    yield from (f"{module}.{name}" for name in found.names if name != "*" and module)


def _data(project: Project, source: Source) -> Iterator[Path]:
    """Files of the project whose paths stand in the code."""
    return data_files(project, source.paths)


def data_files(project: Project, texts: Iterable[str]) -> Iterator[Path]:
    """Files of the project that texts mean when they are read as paths."""
    known = _look_at(project).named
    for text in texts:
        if text not in known:
            known[text] = tuple(_named(project, text))
        yield from known[text]


def _named(project: Project, text: str) -> Iterator[Path]:
    for path in _meant(project, text):
        if path.is_file():
            yield from _allowed(project, path)
        elif path.is_dir() and ("/" in text or path.name in DATA_FOLDERS):
            yield from _inside(project, path)


def data_folders(project: Project, texts: Iterable[str]) -> Iterator[Path]:
    """Folders of the project into which code may want to write: those of paths in its texts."""
    known = _look_at(project).folders
    for text in texts:
        if text not in known:
            known[text] = tuple(_folders(project, text))
        yield from known[text]


def _folders(project: Project, text: str) -> Iterator[Path]:
    for path in _meant(project, text):
        for folder in (path, path.parent):
            if folder == project.root or folder.name in MAGES or not folder.is_dir():
                continue
            if folder.is_relative_to(project.root) and not folder.is_symlink():
                yield folder


def _meant(project: Project, text: str) -> tuple[Path, ...]:
    known = _look_at(project).meant
    if text not in known:
        known[text] = tuple(_places(project, text))
    return known[text]


def _places(project: Project, text: str) -> Iterator[Path]:
    """Under the project, under its parent, or under the container's `/home/src/<project>`."""
    if not 0 < len(text) < 256 or any(sign in text for sign in "\n{}<>*?:|\0"):
        return
    parts = [part for part in PurePosixPath(text).parts if part not in {"/", "."}]
    if not parts or ".." in parts:
        return
    if project.name in parts:
        yield project.root.joinpath(*parts[parts.index(project.name) + 1 :])
    if text.startswith(CONTAINER_HOME):
        parts = parts[2:]
        yield project.root.joinpath(*parts[1:])
    yield project.root.joinpath(*parts)


def _inside(project: Project, folder: Path) -> Iterator[Path]:
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    whole = folder == project.root or folder.name in MAGES
    if not whole and len(found) <= FOLDER_FILES:
        for path in found:
            yield from _allowed(project, path)


def _allowed(project: Project, path: Path) -> Iterator[Path]:
    special = path.name in {"io_config.yaml", "io_config.yml"} and path.parent == project.root
    if special or path.suffix in CODE or is_private(path, project.root):
        return
    if path.stat().st_size <= FILE_BYTES:
        yield path
