"""What is foretold of a shape, beside its compiled definition really run in virtual time."""

from __future__ import annotations

from random import Random

import pytest

from deployer.dag.best import best_shape
from deployer.dag.graph import graph_of
from deployer.dag.shape import Parallel, Sequence, Task
from deployer.dag.simulate import makespan
from deployer.model import BlockId, Pipeline
from tests.deployer.compile.world import World, result
from tests.deployer.making import block, pipeline


def drawn(seed: int) -> Pipeline:
    random = Random(seed)
    count = random.randint(4, 30)
    above = [random.sample(range(n), min(n, random.randint(0, 2))) for n in range(count)]
    return pipeline(*(block(f"b{n}", *(f"b{up}" for up in ups)) for n, ups in enumerate(above)))


@pytest.mark.parametrize("seed", range(12))
def test_a_run_takes_as_long_as_foretold(seed: int) -> None:
    made, random = drawn(seed), Random(seed)
    seconds = {b.id: round(random.lognormvariate(3, 1), 1) for b in made.blocks}
    for weights in ({}, seconds):
        world = World(seconds={str(name): value for name, value in seconds.items()})
        result(world.run(made, weights=weights))
        shape = best_shape(graph_of(made.blocks), weights)
        assert world.took == pytest.approx(makespan(shape, seconds), rel=0.002)


def test_twenty_run_at_once_and_who_comes_later_waits() -> None:
    names = [BlockId(f"b{n}") for n in range(21)]
    seconds = dict.fromkeys(names, 10.0) | {names[7]: 4.0}
    fork = Parallel(tuple(map(Task, names)))
    assert makespan(fork, seconds) == 14
    assert makespan(Sequence((fork, Task(names[0]))), seconds) == 24
