"""Global data products: a pipeline's outputs by name, made again only when outdated.

global_data_products.yaml names them; a block of a pipeline asks for one by
`configuration.global_data_product.uuid` (Mage: "Global data products").
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deployer.load.document import mapping_of, text_of
from deployer.model import Block, Kind, Project

FILE = "global_data_products.yaml"
OVERRIDDEN = ("outdated_after", "outdated_starting_at", "settings")
"""What a block may say differently."""


@dataclass(frozen=True, slots=True)
class Product:
    """One product, as one block asks for it."""

    uuid: str
    pipeline: str
    blocks: Mapping[str, int]
    """Block → of how many runs the outputs are given, the newest first; 0 for all."""
    outdated_after: Mapping[str, Any]
    outdated_starting_at: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {
            "uuid": self.uuid,
            "pipeline": self.pipeline,
            "blocks": dict(self.blocks),
            "outdated_after": dict(self.outdated_after),
            "outdated_starting_at": dict(self.outdated_starting_at),
        }


def of(project: Project, block: Block) -> Product | None:
    """The product that a block asks for; None for other blocks and where there is none."""
    asked = _asked(block)
    written = mapping_of(project.products.get(text_of(asked.get("uuid"))))
    if block.kind is not Kind.GLOBAL_DATA_PRODUCT or not written:
        return None
    written = {**written, **{key: asked[key] for key in OVERRIDDEN if asked.get(key)}}
    return Product(
        uuid=text_of(asked.get("uuid")),
        pipeline=text_of(written.get("object_uuid")),
        blocks={
            uuid: _partitions(mapping_of(settings).get("partitions"))
            for uuid, settings in mapping_of(written.get("settings")).items()
        },
        outdated_after=mapping_of(written.get("outdated_after")),
        outdated_starting_at=mapping_of(written.get("outdated_starting_at")),
    )


def _asked(block: Block) -> Mapping[str, Any]:
    return mapping_of(block.configuration.get("global_data_product"))


def _partitions(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and value >= 0 else 1


def mistakes(project: Project, block: Block) -> Iterator[tuple[str, str]]:
    """Why a block's product cannot be made, and hints."""
    uuid = text_of(_asked(block).get("uuid"))
    written = mapping_of(project.products.get(uuid))
    product = of(project, block)
    if product is None:
        near = difflib.get_close_matches(uuid, project.products, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"register it in {FILE}"
        yield f"asks for the global data product {uuid!r}, which {FILE} does not name", hint
        return
    if text_of(written.get("object_type")) not in {"", "pipeline"}:
        message = f"asks for {uuid!r}, a global data product of a {written['object_type']}"
        yield message, "only pipelines are global data products here: name one in object_uuid"
        return
    maker = next((p for p in project.pipelines if p.id == product.pipeline), None)
    if maker is None:
        yield f"asks for {uuid!r}, made by the unknown pipeline {product.pipeline!r}", f"see {FILE}"
        return
    known = {known.id for known in maker.blocks}
    for name in product.blocks:
        if name not in known:
            message = f"asks for {uuid!r}, made by {name!r}, no block of {product.pipeline}"
            yield message, f"see `settings` in {FILE}"
