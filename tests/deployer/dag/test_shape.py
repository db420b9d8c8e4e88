"""Shapes keep the DAG's order, and add none where Workflows can say it."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from deployer.dag.graph import build
from deployer.dag.lanes import LANES
from deployer.dag.shape import Lanes, Parallel, Sequence, Shape, Task, lanes_in, levelled, shape_of
from deployer.model import BlockId
from tests.deployer.dag.test_graph import Edges, above, dags

Pair = tuple[BlockId, BlockId]


def of(**upstream: str) -> Shape:
    edges = {BlockId(n): [BlockId(up) for up in ups.split()] for n, ups in upstream.items()}
    return shape_of(build(edges))


def task(name: str) -> Task:
    return Task(BlockId(name))


def orders(shape: Shape) -> tuple[set[BlockId], set[Pair]]:
    """All blocks, and every (earlier, later) that the shape enforces."""
    match shape:
        case Task(id=name):
            return {name}, set()
        case Sequence(parts=parts):
            names: set[BlockId] = set()
            pairs: set[Pair] = set()
            for inside, inner in map(orders, parts):
                pairs |= inner | {(a, b) for a in names for b in inside}
                names |= inside
            return names, pairs
        case Parallel(branches=branches):
            found = [orders(branch) for branch in branches]
            return set().union(*(n for n, _ in found)), set().union(*(p for _, p in found))
        case Lanes(lanes=lanes, waits=waits):
            names = {name for lane in lanes for name in lane}
            direct = {(a, b) for lane in lanes for a, b in pairwise(lane)}
            direct |= {(up, name) for name, ups in waits.items() for up in ups}
            return names, closed(names, direct)


def closed(names: set[BlockId], direct: set[Pair]) -> set[Pair]:
    edges: Edges = {name: [a for a, b in direct if b == name] for name in names}
    return {(up, name) for name in names for up in above(edges, name)}


def test_a_diamond() -> None:
    found = of(a="", b="a", c="a", d="b c")
    middle = Parallel((task("b"), task("c")))
    assert found == Sequence((task("a"), middle, task("d")))


def test_independent_chains() -> None:
    found = of(a="", b="a", c="", d="c")
    assert found == Parallel((Sequence((task("a"), task("b"))), Sequence((task("c"), task("d")))))


def test_everything_before_everything_is_a_barrier_that_adds_nothing() -> None:
    found = of(a="", b="", c="a b", d="a b")
    first, second = Parallel((task("a"), task("b"))), Parallel((task("c"), task("d")))
    assert found == Sequence((first, second))


def test_what_no_nesting_can_say_becomes_lanes() -> None:
    found = of(start="", a="start", b="start", c="a b", d="b", end="c d")
    assert isinstance(found, Sequence)
    assert isinstance(found.parts[1], Lanes)
    ((name, ups),) = found.parts[1].waits.items()
    assert (name, ups) in {
        (BlockId("c"), (BlockId("a"),)),
        (BlockId("c"), (BlockId("b"),)),
        (BlockId("d"), (BlockId("b"),)),
    }


def test_three_levels_of_nesting_become_lanes() -> None:
    found = of(a="", b="a", c="a", d="b", e="b", f="d e", g="f c")
    assert not list(lanes_in(found))
    found = of(a="", b="a", c="a", d="b", e="b", f="d e", g="f c", h="")
    assert len(list(lanes_in(found))) == 1


@given(dags())
def test_the_order_is_the_dags_no_more_and_no_less(edges: Edges) -> None:
    names, pairs = orders(shape_of(build(edges)))
    assert names == set(edges)
    assert pairs == {(up, name) for name in edges for up in above(edges, name)}


@given(dags())
def test_barriers_keep_the_order(edges: Edges) -> None:
    graph = build(edges)
    names, pairs = orders(levelled(graph, shape_of(graph)))
    assert names == set(edges)
    assert pairs >= {(up, name) for name in edges for up in above(edges, name)}


@settings(deadline=None, max_examples=25)
@given(st.integers(LANES + 1, 60), st.randoms(use_true_random=False))
def test_never_more_lanes_than_threads(width: int, random: Random) -> None:
    first = [BlockId(f"a{n}") for n in range(width)]
    edges: Edges = {name: [] for name in first}
    edges |= {BlockId(f"b{n}"): random.sample(first, 2) for n in range(width)}
    edges |= {BlockId(f"c{n}"): [BlockId(f"b{n}")] for n in range(width)}
    for part in lanes_in(shape_of(build(edges))):
        assert len(part.lanes) <= LANES
    names, pairs = orders(shape_of(build(edges)))
    assert names == set(edges)
    assert pairs >= {(up, name) for name in edges for up in edges[name]}


def test_blocks_that_fork_by_themselves_leave_room() -> None:
    wide = frozenset({BlockId("b"), BlockId("d")})
    edges = {
        BlockId("a"): [],
        BlockId("b"): [BlockId("a")],
        BlockId("c"): [BlockId("a")],
        BlockId("d"): [BlockId("c")],
        BlockId("e"): [BlockId("c")],
    }
    found = shape_of(build(edges), wide=wide)
    assert list(lanes_in(found))
