"""Chains are as few as can be; shared lanes keep the threads busy."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given

from deployer.dag.graph import build, members
from deployer.dag.lanes import bottom_levels, chains, lanes
from deployer.model import BlockId
from tests.deployer.dag.test_graph import Edges, dags


@given(dags())
def test_as_many_chains_as_blocks_that_can_run_at_once(edges: Edges) -> None:
    """Dilworth: the fewest chains are as many as the largest set of unordered nodes."""
    graph = build(edges)
    found = chains(graph, graph.all)
    assert sorted(n for chain in found for n in chain) == list(range(len(graph.names)))
    for chain in found:
        for a, b in pairwise(chain):
            assert graph.ancestors[b] >> a & 1
    width = max(
        size
        for size in range(1, len(graph.names) + 1)
        if any(
            all(not graph.ancestors[b] >> a & 1 for a, b in combinations(group, 2))
            for group in combinations(range(len(graph.names)), size)
        )
    )
    assert len(found) == width


@given(dags())
def test_shared_lanes_hold_everything_in_one_order(edges: Edges) -> None:
    graph = build(edges)
    plan = lanes(graph, graph.all, {}, 2)
    assert len(plan.lanes) <= 2
    assert sorted(n for lane in plan.lanes for n in lane) == list(range(len(graph.names)))


def test_the_longest_way_goes_first() -> None:
    names = [BlockId(name) for name in ("short1", "short2", "long", "after")]
    graph = build({names[0]: [], names[1]: [], names[2]: [], names[3]: [names[2]]})
    weights = {names[0]: 1.0, names[1]: 1.0, names[2]: 5.0, names[3]: 5.0}
    plan = lanes(graph, graph.all, weights, 2)
    ways = {tuple(graph.names[n] for n in lane) for lane in plan.lanes}
    assert ways == {("long", "after"), ("short1", "short2")}


def test_bottom_levels_are_the_seconds_to_the_end() -> None:
    a, b, c = BlockId("a"), BlockId("b"), BlockId("c")
    graph = build({a: [], b: [a], c: [a]})
    found = bottom_levels(graph, graph.all, {a: 1.0, b: 5.0, c: 2.0})
    assert {graph.names[n]: found[n] for n in members(graph.all)} == {a: 6.0, b: 5.0, c: 2.0}
