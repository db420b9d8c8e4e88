"""With usual durations a pipeline is never slower than one with plain barriers."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from deployer.dag.best import best_shape
from deployer.dag.graph import build
from deployer.dag.lanes import LANES
from deployer.dag.shape import Lanes, barriers, lanes_in, shape_of
from deployer.dag.simulate import makespan
from deployer.model import BlockId
from tests.deployer.dag.test_graph import Edges, above, dags
from tests.deployer.dag.test_shape import orders

A, B, C, D = map(BlockId, "abcd")
CROSSED: Edges = {A: [], B: [], C: [A, B], D: [B]}


@settings(deadline=None, max_examples=60)
@given(dags(), st.integers(0, 999).map(Random))
def test_never_slower_than_barriers(edges: Edges, random: Random) -> None:
    graph = build(edges)
    seconds = {name: random.lognormvariate(3, 1.2) for name in edges}
    found = best_shape(graph, seconds)
    names, pairs = orders(found)
    assert names == set(edges)
    assert pairs >= {(up, name) for name in edges for up in above(edges, name)}
    for other in (barriers(graph, shape_of(graph)), shape_of(graph, seconds)):
        assert makespan(found, seconds) <= makespan(other, seconds) + 1e-6


def test_lanes_where_a_barrier_would_hold_somebody_up() -> None:
    seconds = {A: 100.0, B: 1.0, C: 1.0, D: 100.0}
    assert list(lanes_in(best_shape(build(CROSSED), seconds)))


def test_no_naps_where_they_save_nothing() -> None:
    """B takes as long as A, so D loses nothing by waiting for both."""
    seconds = {A: 100.0, B: 100.0, C: 50.0, D: 50.0}
    assert not list(lanes_in(best_shape(build(CROSSED), seconds)))
    assert isinstance(best_shape(build(CROSSED)), Lanes)


def test_what_forks_by_itself_is_left_as_it_is() -> None:
    wide = frozenset({D})
    seconds = {A: 100.0, B: 100.0, C: 50.0, D: 50.0}
    graph = build(CROSSED)
    assert best_shape(graph, seconds, wide) == shape_of(graph, seconds, wide)


def test_limits_hold_for_barriers_too() -> None:
    names = [BlockId(f"n{n}") for n in range(LANES)]
    edges: Edges = {name: list[BlockId]() for name in names}
    edges |= {BlockId(f"m{n}"): [names[n], names[n - 1]] for n in range(LANES)}
    seconds = dict.fromkeys(edges, 10.0)
    found = best_shape(build(edges), seconds, most=3)
    assert makespan(found, seconds) >= len(edges) * 10 / 3
