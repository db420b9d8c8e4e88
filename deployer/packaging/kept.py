"""The keeper of functions, whichever way they were made: it hands each to the one that made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deployer.live import Keeper, Live, Prepares, Work
from deployer.packaging.choice import FUNCTIONS
from deployer.resources import Function


class ByPackaging:
    """Packaging → its keeper."""

    def __init__(self, keepers: Mapping[str, Keeper]) -> None:
        self.keepers = keepers

    def list(self, owner: str, wanted: Sequence[Function]) -> Sequence[Live]:
        every = [keeper.list(owner, wanted) for keeper in self.keepers.values()]
        return [live for lives in every for live in lives]

    def put(self, resource: Function, live: Live | None, work: Work) -> None:
        self.keepers[resource.packaging].put(resource, live, work)

    def drop(self, live: Live) -> None:
        self.keepers[str(live.fields.get("packaging") or FUNCTIONS)].drop(live)

    def expect(self, changes: Sequence[tuple[Function, Live | None]]) -> None:
        for name, keeper in self.keepers.items():
            if isinstance(keeper, Prepares):
                keeper.expect([pair for pair in changes if pair[0].packaging == name])

    def prepare(self, resource: Function, work: Work) -> None:
        keeper = self.keepers[resource.packaging]
        if isinstance(keeper, Prepares):
            keeper.prepare(resource, work)
