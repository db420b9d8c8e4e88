"""What a block's upstream blocks left: manifests first, side by side, then the values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runtime import dynamic
from runtime.block import Inputs
from runtime.context import Context
from runtime.contract import Manifest
from runtime.errors import InputProblem
from runtime.outputs import value_of


@dataclass(frozen=True, slots=True)
class Gathered:
    """One call's inputs, and the keyword arguments that a dynamic child gets with its item."""

    inputs: Inputs
    extra: Mapping[str, Any] = field(default_factory=dict)


def prefixes(context: Context) -> list[str]:
    """Where the manifests lie that this call needs; none for sensors and reduced children."""
    return [
        _prefix(context, uuid)
        for uuid in context.spec.upstream
        if mode(context, uuid) not in ("skip", "reduced")
    ]


def mode(context: Context, uuid: str) -> str:
    return context.spec.upstream_modes.get(uuid, "whole")


@dataclass(slots=True)
class Reader:
    """Reads an upstream block's value when it is asked for, once."""

    context: Context
    found: dict[str, Manifest]
    places: dict[str, int]
    extra: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, context: Context, manifests: list[Manifest | None]) -> Reader:
        """`manifests` are those of `prefixes`, in that order."""
        uuids = [u for u in context.spec.upstream if mode(context, u) not in ("skip", "reduced")]
        found = {u: _there(u, context, m) for u, m in zip(uuids, manifests, strict=True)}
        extra = {"dynamic_block_index": context.request.index[-1]} if context.request.index else {}
        return cls(context, found, _places(context, found), dict(extra))

    def value(self, uuid: str) -> Any:
        if uuid not in self.values:
            self.values[uuid] = self._read(uuid)
        return self.values[uuid]

    def _read(self, uuid: str) -> Any:
        if mode(self.context, uuid) == "skip":
            return []
        if mode(self.context, uuid) == "reduced":
            return _reduced(self.context, uuid)
        outputs = self.context.artifacts.outputs(self.found[uuid])
        if uuid not in self.places:
            return value_of(outputs)
        self.extra |= dynamic.metadata_at(outputs, self.places[uuid])
        return dynamic.item_at(outputs, self.places[uuid])

    def gathered(self) -> Gathered:
        """All of them, in argument order."""
        uuids = tuple(self.context.spec.upstream)
        return Gathered(Inputs(uuids, tuple(self.value(uuid) for uuid in uuids)), self.extra)


def _prefix(context: Context, uuid: str) -> str:
    index = context.request.index
    below = {"item": index[:-1], "paired": index}.get(mode(context, uuid), [])
    return context.artifacts.prefix(uuid, *below)


def _there(uuid: str, context: Context, manifest: Manifest | None) -> Manifest:
    if manifest is None:
        raise InputProblem(
            f"the upstream block {uuid} left nothing in run {context.request.run}; "
            "it has not finished, or the run's artifacts have expired"
        )
    return manifest


def _places(context: Context, found: Mapping[str, Manifest]) -> dict[str, int]:
    """Which item of each dynamic upstream block belongs to this child."""
    uuids = [u for u in context.spec.upstream if mode(context, u) == "item"]
    if not uuids:
        return {}
    if not context.request.index:
        raise InputProblem(f"{context.spec.block} takes one item of {uuids[0]}, but has no index")
    counts = [found[uuid].count or 0 for uuid in uuids]
    if context.request.index[-1] >= _product(counts):
        raise InputProblem(f"there is no item {context.request.index[-1]} in {', '.join(uuids)}")
    return dict(zip(uuids, dynamic.places(context.request.index[-1], counts), strict=True))


def _product(counts: list[int]) -> int:
    product = 1
    for count in counts:
        product *= count
    return product


def _reduced(context: Context, uuid: str) -> list[Any]:
    """All children of a dynamic child as one list, from the deepest place that has any."""
    index = context.request.index
    for depth in range(len(index), -1, -1):
        children = list(context.artifacts.children(context.artifacts.prefix(uuid, *index[:depth])))
        if children:
            return dynamic.reduced([context.artifacts.outputs(child) for child in children])
    return []
