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

from deployer.load.files import FOLDERS
from deployer.model import Block, Language, Place, Project
from deployer.secrecy import is_private
from deployer.source import Import, Source, source_of

STANDARD = frozenset(sys.stdlib_module_names)
OURS = "mage_ai"
CODE = frozenset({".py", ".pyc", ".ipynb"})
MAGES = frozenset({*FOLDERS.values(), "pipelines", "charts", "scratchpads"})
"""Folders of Mage's own: a text that names one is hardly a path of data."""
DATA_FOLDERS = frozenset(
    {"assets", "config", "configs", "data", "datasets", "files", "queries", "resources"}
    | {"schemas", "seeds", "sql", "static", "templates"}
)
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
    """The block's own first."""
    files: tuple[Path, ...]
    """Code of the project, without the block's own file, and data files; sorted."""
    libraries: tuple[Library, ...]
    aliases: tuple[tuple[str, Path], ...] = ()
    """Names by which the code imports a folder of the repository that is called otherwise."""

    def speaks_of(self, name: str) -> bool:
        """A text or a parameter of this name stands in the code: `kwargs["source"]`."""
        return any(
            name in source.parameters or any(name == text for text, _ in source.strings)
            for source in self.sources
        )

    @property
    def uses_io_config(self) -> bool:
        return any(
            "io_config" in text for source in self.sources for text, _ in source.strings
        ) or any(library.module.startswith("mage_ai.io.config") for library in self.libraries)


def reach(project: Project, block: Block) -> Reach:
    """What a block's code leads to; SQL and other texts lead to nothing."""
    if block.language is not Language.PYTHON:
        return Reach((), (), ())
    walk = _Walk(project)
    walk.visit(source_of(block.file, block.content))
    data = {path for source in walk.sources for path in _data(project, source)}
    files = (walk.files | data) - {block.file}
    aliases = tuple(sorted(walk.aliases.items()))
    return Reach(tuple(walk.sources), tuple(sorted(files)), tuple(walk.libraries), aliases)


@dataclass(slots=True)
class _Walk:
    project: Project
    sources: list[Source] = field(default_factory=list)
    files: set[Path] = field(default_factory=set)
    libraries: list[Library] = field(default_factory=list)
    seen: set[Path] = field(default_factory=set)
    aliases: dict[str, Path] = field(default_factory=dict)

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
            self._add(modules)
        elif not found.level:
            place = Place(source.path, found.line)
            self.libraries += (
                Library(name, found.module, place, found.optional)
                for name in _dotted(found)
                if name.partition(".")[0] not in STANDARD
            )

    def _add(self, modules: list[Path]) -> None:
        for path in modules:
            self.files.add(path)
            self.visit(source_of(path))

    def _modules(self, dotted: str) -> list[Path]:
        """Files that importing a module runs: packages on the way, and the module itself."""
        module = PurePosixPath(*dotted.split("."))
        for base in (self.project.root.parent, self.project.root):
            if found := self._under(base, module):
                return found
        return self._under_another_name(module)

    def _under_another_name(self, module: PurePosixPath) -> list[Path]:
        """The folder was called otherwise where Mage ran: the rest of the path tells which.

        `openweather_etl.utils.x` is `utils/x.py` of a project that lies in `openweather-etl`.
        """
        first, *rest = module.parts
        if not rest or first in STANDARD or first == OURS:
            return []
        for base in (self.project.root, self.project.root.parent):
            if found := self._under(base, PurePosixPath(*rest)):
                self.aliases[first] = base
                return found
        return []

    def _under(self, base: Path, module: PurePosixPath) -> list[Path]:
        if not _may_hold(base, self.project.root, module):
            return []
        packages = [base / parent / "__init__.py" for parent in reversed([*module.parents][:-1])]
        ends = (base / module.with_suffix(".py"), base / module / "__init__.py")
        end = next((path for path in ends if path.is_file()), None)
        if end is None:
            return []
        return [path for path in (*packages, end) if path.is_file()]


def _may_hold(base: Path, root: Path, module: PurePosixPath) -> bool:
    """Beside the project only what belongs to the same repository counts."""
    if base == root or module.parts[0] == root.name:
        return True
    return base in around(root)


def around(root: Path) -> tuple[Path, ...]:
    """The project's folder and those around it, up to the repository's top; nearest first."""
    folders = (root, *root.parents)
    tops = [n for n, folder in enumerate(folders) if (folder / ".git").exists()]
    return folders[: tops[0] + 1] if tops else (root,)


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
    for text in texts:
        for path in _meant(project, text):
            if path.is_file():
                yield from _allowed(project, path)
            elif path.is_dir() and ("/" in text or path.name in DATA_FOLDERS):
                yield from _inside(project, path)


def _meant(project: Project, text: str) -> Iterator[Path]:
    """Under the project, under its parent, or under the container's `/home/src/<project>`."""
    if not 0 < len(text) < 256 or any(sign in text for sign in "\n{}<>*?:|\0"):
        return
    parts = [part for part in PurePosixPath(text).parts if part not in {"/", "."}]
    if not parts or ".." in parts:
        return
    if project.name in parts:
        yield project.root.joinpath(*parts[parts.index(project.name) + 1 :])
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
