"""What a block's upstream blocks left: manifests first, side by side, then the values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runtime import dynamic
from runtime.block import Inputs
from runtime.context import Context
from runtime.contract import Manifest
from runtime.errors import InputProblem
from runtime.outputs import value_of
from runtime.record import field, mutable, record


@record
class Gathered:
    """One call's inputs, and the keyword arguments that a dynamic child gets with its item."""

    inputs: Inputs
    extra: Mapping[str, Any] = field(default_factory=dict)


def prefixes(context: Context) -> list[str]:
    """Where the manifests lie that this call needs; none for sensors and many children."""
    return [_prefix(context, uuid) for uuid in _single(context)]


def _single(context: Context) -> list[str]:
    """Upstream blocks of which one call's outputs are read."""
    many = ("skip", "reduced", "nested")
    return [uuid for uuid in context.spec.upstream if mode(context, uuid) not in many]


def mode(context: Context, uuid: str) -> str:
    return context.spec.upstream_modes.get(uuid, "whole")


@mutable
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
        uuids = _single(context)
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
        place = self.places.get(uuid)
        if mode(self.context, uuid) == "nested":
            manifest, place = _nested(self.context, uuid, place or 0)
        else:
            manifest = self.found[uuid]
        outputs = self.context.artifacts.outputs(manifest)
        if place is None:
            return value_of(outputs)
        self.extra |= dynamic.metadata_at(outputs, place)
        return dynamic.item_at(outputs, place)

    def gathered(self) -> Gathered:
        """All of them, in argument order."""
        uuids = tuple(self.context.spec.upstream)
        return Gathered(Inputs(uuids, tuple(self.value(uuid) for uuid in uuids)), self.extra)


def _prefix(context: Context, uuid: str) -> str:
    below = {"item": context.request.index[:-1], "paired": _paired(context, uuid)}
    return context.artifacts.prefix(uuid, *below.get(mode(context, uuid), []))


def _paired(context: Context, uuid: str) -> list[int]:
    """Which call of an upstream child belongs to this one. It may have fewer sources."""
    index, its = context.request.index, context.spec.upstream_sources.get(uuid)
    if not its or its == context.spec.sources or not context.request.counts:
        return index
    counts = dict(zip(context.spec.sources, context.request.counts, strict=True))
    places = dict(zip(counts, dynamic.places(index[-1], list(counts.values())), strict=True))
    return [dynamic.number([places[s] for s in its], [counts[s] for s in its])]


def _there(uuid: str, context: Context, manifest: Manifest | None) -> Manifest:
    if manifest is None:
        raise InputProblem(
            f"the upstream block {uuid} left nothing in run {context.request.run}; "
            "it has not finished, or the run's artifacts have expired"
        )
    return manifest


def _places(context: Context, found: Mapping[str, Manifest]) -> dict[str, int]:
    """Which item of each dynamic upstream block belongs to this child."""
    uuids = [u for u in context.spec.upstream if mode(context, u) in ("item", "nested")]
    if not uuids:
        return {}
    if not context.request.index:
        raise InputProblem(f"{context.spec.block} takes one item of {uuids[0]}, but has no index")
    sources = context.spec.sources or uuids
    if len(sources) == 1 and uuids[0] not in found:
        return {uuids[0]: context.request.index[-1]}
    counts = context.request.counts or [found[uuid].count or 0 for uuid in sources]
    if context.request.index[-1] >= _product(counts):
        raise InputProblem(f"there is no item {context.request.index[-1]} in {', '.join(uuids)}")
    places = dynamic.places(context.request.index[-1], counts)
    return dict(zip(sources, places, strict=True))


_children: dict[str, list[Manifest]] = {}
"""Of the last dynamic block that ran once per item: all calls of this function ask for them."""


def _nested(context: Context, uuid: str, place: int) -> tuple[Manifest, int]:
    """The call among a dynamic block's own in which an item lies, and where in it."""
    prefix = context.artifacts.prefix(uuid)
    name = f"{context.artifacts.bucket.name}/{prefix}"
    if name not in _children:
        found = list(context.artifacts.children(prefix))
        _children.clear()
        _children[name] = found
    for child in _children[name]:
        if place < (child.count or 0):
            return child, place
        place -= child.count or 0
    raise InputProblem(f"there is no such item in {uuid}")


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
