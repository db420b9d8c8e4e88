"""Order, reduction and cycles, on random graphs against plain definitions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deployer.dag.graph import build, cycle, levels, members
from deployer.model import BlockId

Edges = dict[BlockId, list[BlockId]]


@st.composite
def dags(draw: st.DrawFn) -> Edges:
    count = draw(st.integers(1, 9))
    names = [BlockId(f"n{n}") for n in range(count)]
    return {
        name: [names[m] for m in range(n) if draw(st.booleans())] for n, name in enumerate(names)
    }


def above(edges: Edges, name: BlockId) -> set[BlockId]:
    return {far for up in edges[name] for far in {up, *above(edges, up)}}


@given(dags())
def test_ancestors_and_descendants_are_each_others_mirror(edges: Edges) -> None:
    graph = build(edges)
    for n, name in enumerate(graph.names):
        found = {graph.names[m] for m in members(graph.ancestors[n])}
        assert found == above(edges, name)
        for m in members(graph.ancestors[n]):
            assert m < n
            assert graph.descendants[m] >> n & 1


@given(dags())
def test_reduction_keeps_the_order_and_nothing_that_follows_from_it(edges: Edges) -> None:
    graph = build(edges)
    reduced: Edges = {name: [] for name in graph.names}
    for up, name in graph.edges():
        reduced[name].append(up)
    for name, ups in reduced.items():
        assert above(reduced, name) == above(edges, name)
        for up in ups:
            assert not any(up in above(reduced, other) for other in ups)


def test_unknown_names_are_left_out_and_doubles_count_once() -> None:
    graph = build({BlockId("a"): [], BlockId("b"): [BlockId("a"), BlockId("a"), BlockId("x")]})
    assert list(graph.edges()) == [("a", "b")]


def test_a_cycle_is_shown_along_the_datas_way() -> None:
    a, b, c = BlockId("a"), BlockId("b"), BlockId("c")
    found = cycle({a: [c], b: [a], c: [b]})
    assert found[0] == found[-1]
    assert set(found) == {a, b, c}
    assert "".join(found * 2).count("ab") >= 1
    assert cycle({a: [a]}) == (a, a)
    assert cycle({a: [], b: [a]}) == ()


def test_levels() -> None:
    a, b, c = BlockId("a"), BlockId("b"), BlockId("c")
    graph = build({a: [], b: [a], c: []})
    assert [{graph.names[n] for n in level} for level in levels(graph)] == [{a, c}, {b}]
