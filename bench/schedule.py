"""How long compiled DAGs wait: their makespan beside the best possible one and plain barriers.

A thousand random DAGs, up to 30 blocks wide, with skewed durations, run in simulated time by
the rules of Workflows: 20 threads at once, naps that grow as `compile` writes them. The best
possible makespan is not known (the problem is NP-hard); what is printed beside is its lower
bound, the longer of the critical path and all work divided by 20, so real ratios are smaller.
Aim: within 1.05 times on average, never worse than barriers.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from statistics import mean

from deployer.dag.best import best_shape
from deployer.dag.graph import Graph, build, levels
from deployer.dag.lanes import bottom_levels
from deployer.dag.shape import THREADS, Parallel, Sequence, Shape, Task
from deployer.dag.simulate import makespan
from deployer.model import BlockId

DAGS = 1000
WIDEST = 30
Seconds = Mapping[BlockId, float]


def main() -> None:
    random, noise = Random(20), Random(21)  # the same every time
    found = [measured(random, noise) for _ in range(DAGS)]
    print(f"  {DAGS} random DAGs, 10 to 120 blocks, up to {WIDEST} wide, log-normal durations")
    print(f"  {'makespan / lower bound':44}{'mean':>8}{'worst':>8}")
    for name in ("barriers", "unknown", "past", "known"):
        ratios = [row[name] / row["bound"] for row in found]
        print(f"  {WORDS[name]:44}{mean(ratios):8.3f}{max(ratios):8.3f}")
    for name in ("unknown", "past", "known"):
        ratios = [row[name] / row["barriers"] for row in found]
        worse = sum(ratio > 1 for ratio in ratios)
        print(
            f"  {WORDS[name]} / barriers: mean {mean(ratios):.3f}, worst {max(ratios):.3f}"
            f" ({worse} of {DAGS} worse)"
        )
    print("  aims: known durations ≤ 1.05 × on average, none worse than barriers")


WORDS = {
    "barriers": "plain barriers between levels",
    "unknown": "compiled, durations unknown",
    "past": "compiled, usual durations a quarter off",
    "known": "compiled, usual durations known",
}


def measured(random: Random, noise: Random) -> dict[str, float]:
    edges = dag(random)
    graph = build(edges)
    seconds = {name: random.lognormvariate(3, 1.2) for name in edges}
    return {
        "bound": bound(graph, seconds),
        "barriers": makespan(barriers(graph), seconds),
        "unknown": makespan(best_shape(graph), seconds),
        "past": makespan(best_shape(graph, past(seconds, noise)), seconds),
        "known": makespan(best_shape(graph, seconds), seconds),
    }


def past(seconds: Seconds, noise: Random) -> Seconds:
    """What `blocklift durations` knows: other runs of the same blocks, rounded."""
    return {name: float(f"{s * noise.lognormvariate(0, 0.25):.2g}") for name, s in seconds.items()}


def dag(random: Random) -> dict[BlockId, list[BlockId]]:
    """Layers of random size; each block depends on some of the last layers."""
    count, edges = random.randint(10, 120), dict[BlockId, list[BlockId]]()
    rows: list[list[BlockId]] = []
    reach, width = random.randint(1, 3), random.randint(2, WIDEST)
    while len(edges) < count:
        row = [BlockId(f"b{len(edges) + n}") for n in range(random.randint(1, width))]
        above = [name for old in rows[-reach:] for name in old]
        for name in row:
            wanted = min(len(above), random.choice((1, 1, 2, 2, 3, 5)))
            edges[name] = random.sample(above, wanted)
        rows.append(row)
    return edges


def bound(graph: Graph, seconds: Seconds) -> float:
    longest = max(bottom_levels(graph, graph.all, seconds).values())
    return max(longest, sum(seconds.values()) / THREADS)


def barriers(graph: Graph) -> Shape:
    parts = (tuple(Task(graph.names[n]) for n in level) for level in levels(graph))
    return Sequence(tuple(Parallel(tasks) for tasks in parts))


if __name__ == "__main__":
    main()
