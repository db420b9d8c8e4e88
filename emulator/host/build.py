"""What Google's buildpack does with a source archive, step by step.

unpack → compile → requirements (met by this environment, or a layer over it) → `Built`.
The entry point is looked for when the function starts, not here: as in the cloud.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from packaging.requirements import Requirement

from emulator.host import layers
from emulator.host.archive import unpack
from emulator.host.bytecode import compile_all
from emulator.host.closure import Closure, Installed, Wanted, closure, parse
from emulator.host.environment import FRAMEWORK, Environment, compose, own_folders
from emulator.host.errors import BuildError
from emulator.store import Store

MISSING_MAIN = (
    "missing main.py and GOOGLE_FUNCTION_SOURCE not specified. Either create the function in "
    "main.py or specify GOOGLE_FUNCTION_SOURCE to point to the file that contains the function"
)


@dataclass(frozen=True, slots=True)
class Built:
    """A source folder ready to run."""

    source: str
    """Digest of the archive; also the folder's name."""
    file: str


@dataclass(slots=True)
class Workshop:
    """Where sources are unpacked and layers are kept."""

    data: Path
    store: Store
    base: tuple[Path, ...] = field(default_factory=own_folders)
    _known: dict[str, Environment] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def source(self, digest: str) -> Path:
        return self.data / "source" / digest

    async def build(self, archive: Path, variables: Mapping[str, str]) -> Built:
        """`variables`: the build's environment; BuildError says what the author must mend."""
        digest = await asyncio.to_thread(self._unpack, archive)
        file = variables.get("GOOGLE_FUNCTION_SOURCE", "main.py")
        folder = self.source(digest)
        if not (folder / file).resolve().is_relative_to(folder) or not (folder / file).is_file():
            raise BuildError(MISSING_MAIN if file == "main.py" else f"{file} does not exist")
        await self.environment(digest, variables)
        return Built(digest, file)

    def _unpack(self, archive: Path) -> str:
        with archive.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        place = self.source(digest)
        if place.exists():
            return digest
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix="new-", dir=place.parent))
        try:
            unpack(archive, beside / "source")
            compile_all(beside / "source", self.data / "bytecode")
            layers.adopt(beside / "source", place)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        return digest

    async def environment(self, source: str, variables: Mapping[str, str]) -> Environment:
        """Of a built source. Found by metadata alone unless pip must install something."""
        wanted, options = read_requirements(self.source(source), variables)
        key = hashlib.sha256(repr((wanted, options)).encode()).hexdigest()
        if wanted.opaque:
            key += source
        if key not in self._known:
            async with self._turn:
                layer = await self._layer(key, wanted, options, self.source(source))
                self._known[key] = await asyncio.to_thread(
                    compose, wanted.requirements, self.installed(layer), self.base
                )
        return self._known[key]

    async def usual(self) -> Environment:
        """What a function with tables asks for, as long as nothing is known of any."""
        tables = (Requirement("pandas"), Requirement("pyarrow"))
        return await asyncio.to_thread(compose, tables, look_into(self.base), self.base)

    async def _layer(
        self, key: str, wanted: Wanted, options: tuple[str, ...], source: Path
    ) -> str | None:
        if not wanted.opaque and not (await self._closure(wanted, None)).missing:
            return None
        kept = self.store.get("layer", key)
        if kept and await self._still_good(kept["layer"], wanted):
            return str(kept["layer"])
        lines = [*wanted.opaque, *map(str, wanted.requirements), str(FRAMEWORK)]
        arguments = [*options, *(word for line in lines for word in split(line))]
        pins = await layers.resolve(arguments, source)
        layer = await layers.install(pins, options, source, self.data / "layers")
        self.store.put("layer", key, {"layer": layer})
        return layer

    async def _still_good(self, layer: str, wanted: Wanted) -> bool:
        there = (self.data / "layers" / layer).exists()
        return there and not (await self._closure(wanted, layer)).missing

    async def _closure(self, wanted: Wanted, layer: str | None) -> Closure:
        installed = self.installed(layer)
        return await asyncio.to_thread(closure, (*wanted.requirements, FRAMEWORK), installed)

    def installed(self, layer: str | None) -> Installed:
        above = (self.data / "layers" / layer,) if layer else ()
        return look_into((*above, *self.base))


@lru_cache(16)
def look_into(folders: tuple[Path, ...]) -> Installed:
    """Read once per process: neither the environment nor a layer changes while it lives."""
    return Installed(folders)


def split(line: str) -> list[str]:
    """`-r other.txt` is two arguments of pip, a requirement with its marker is one."""
    if line.startswith("-"):
        return line.replace("=", " ", 1).split(None, 1)
    return [line]


def read_requirements(folder: Path, variables: Mapping[str, str]) -> tuple[Wanted, tuple[str, ...]]:
    """requirements.txt wins over pyproject.toml; and the options that pip gets with them."""
    wanted, listed = Wanted(()), folder / "requirements.txt"
    options: tuple[str, ...] = ()
    project = folder / "pyproject.toml"
    if listed.exists():
        text = listed.read_text(encoding="utf-8")
        wanted, options = parse(text), where_to_look(text)
    elif project.exists():
        wanted = must_list_framework(of_project(project), "pyproject.toml")
    if vendored := variables.get("GOOGLE_VENDOR_PIP_DEPENDENCIES"):
        options = ("--no-index", "--find-links", vendored)
        must_list_framework(wanted, "requirements.txt")
    return wanted, options


def where_to_look(text: str) -> tuple[str, ...]:
    """The lines of requirements.txt that name indexes."""
    known = ("-i", "-f", "--index-url", "--extra-index-url", "--find-links", "--pre", "--no-index")
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith(known)]
    return tuple(word for line in lines for word in split(line))


def of_project(path: Path) -> Wanted:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
    except tomllib.TOMLDecodeError as error:
        raise BuildError(f"pyproject.toml: {error}") from None
    return parse("\n".join(table.get("dependencies", [])), "pyproject.toml")


def must_list_framework(wanted: Wanted, name: str) -> Wanted:
    if not any(one.name == FRAMEWORK.name for one in wanted.requirements):
        raise BuildError(f"This project must list functions-framework in {name}.")
    return wanted
