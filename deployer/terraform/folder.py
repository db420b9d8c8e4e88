"""A folder that `terraform apply` takes: blocks, bundles, definitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from deployer.errors import UsageError
from deployer.packaging.choice import FUNCTIONS
from deployer.resources import Event, Function, Resource, Workflow, key
from deployer.target import Target
from deployer.terraform.events import publishing
from deployer.terraform.hcl import Block, document
from deployer.terraform.names import identifier
from deployer.terraform.pieces import Pieces

MARK = ".blocklift-export"
"""Lists what an export wrote, so that the next one may replace just that."""
HEADER = "# Written by `blocklift export terraform`: change the Mage project and export again.\n\n"
SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Exported:
    """What a folder holds after an export."""

    written: tuple[PurePosixPath, ...]
    removed: tuple[PurePosixPath, ...]


def contents(
    resources: Iterable[Resource], target: Target, owner: str
) -> Mapping[PurePosixPath, bytes]:
    """Every file, by its path in the folder; the same bytes for the same project."""
    known = {key(resource): resource for resource in resources}
    refuse_images(known.values())
    files = {PurePosixPath("versions.tf"): text_of([versions(), provider(target)])}
    for name, blocks in blocks_of(Pieces(target, owner, known)).items():
        files[PurePosixPath(f"{name}.tf")] = text_of(blocks)
    for resource in known.values():
        files |= dict(attached(resource))
    return dict(sorted(files.items()))


def refuse_images(resources: Iterable[Resource]) -> None:
    """Functions are built of what Terraform uploads; nothing of its provider builds an image."""
    for resource in resources:
        if isinstance(resource, Function) and resource.packaging != FUNCTIONS:
            text = f"Terraform cannot build the image of packaging: {resource.packaging}"
            hint = "export with --packaging functions, or let `blocklift deploy` make this target"
            raise UsageError(text, hint)


def blocks_of(pieces: Pieces) -> dict[str, list[Block]]:
    """By file."""
    every = pieces.resources.values()
    found = {name: [b for r in own for b in pieces.of(r)] for name, own in by_file(every).items()}
    if any(isinstance(resource, Event) for resource in every):
        found.setdefault(SHARED, []).extend(publishing(pieces.target.project_id))
    return found


def by_file(resources: Iterable[Resource]) -> dict[str, list[Resource]]:
    """A file for each pipeline, one for what they share."""
    found: dict[str, list[Resource]] = {}
    for resource in resources:
        name = identifier(resource.pipeline) if resource.pipeline else SHARED
        found.setdefault(name, []).append(resource)
    return found


def attached(resource: Resource) -> Iterator[tuple[PurePosixPath, bytes]]:
    if isinstance(resource, Function):
        yield PurePosixPath("bundles", f"{resource.name}.zip"), resource.bundle.zip_bytes()
    if isinstance(resource, Event | Workflow):
        yield PurePosixPath("workflows", f"{resource.name}.yaml"), resource.source.encode()


def text_of(blocks: list[Block]) -> bytes:
    return (HEADER + document(blocks)).encode()


def versions() -> Block:
    google = {"source": "hashicorp/google", "version": ">= 6.0, < 8.0"}
    needed = Block("required_providers", (), {"google": google})
    return Block("terraform", (), {"required_version": ">= 1.5"}, [needed])


def provider(target: Target) -> Block:
    return Block("provider", ("google",), {"project": target.project_id, "region": target.region})


def write(folder: Path, files: Mapping[PurePosixPath, bytes]) -> Exported:
    """Put the files there and take away those of an earlier export; nothing else is touched."""
    earlier = exported_before(folder)
    strangers = [path for path in files if (folder / path).exists() and path not in earlier]
    if strangers:
        names = ", ".join(map(str, strangers[:5]))
        hint = "name an empty folder, or one that an export wrote"
        raise UsageError(f"{folder} holds files that no export wrote: {names}", hint)
    for path, content in files.items():
        put(folder / path, content)
    gone = sorted(earlier - files.keys())
    for path in gone:
        (folder / path).unlink(missing_ok=True)
    put(folder / MARK, "".join(f"{path}\n" for path in files).encode())
    return Exported(tuple(files), tuple(gone))


def exported_before(folder: Path) -> set[PurePosixPath]:
    mark = folder / MARK
    lines = mark.read_text().splitlines() if mark.is_file() else []
    paths = {PurePosixPath(line) for line in lines}
    return {path for path in paths if not path.is_absolute() and ".." not in path.parts}


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)
