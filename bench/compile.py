"""Compiling a pipeline of 1,000 blocks, beside writing the same definition as JSON. Aim: < 1 s."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

import yaml

from deployer import naming
from deployer.compile import Definition, compile_pipeline
from deployer.model import Block, BlockId, Kind, Language, Pipeline, PipelineId, Place, Project

BLOCKS = 1000
ROUNDS = 5
ROOT = Path("/projects/large")


def main() -> None:
    print(f"  medians of {ROUNDS} rounds, {BLOCKS} blocks")
    for label, above in SHAPES.items():
        pipeline = made(above)
        definition = compiled(pipeline)
        tree = yaml.load(definition.text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        seconds = timed(partial(compiled, pipeline))
        bare = timed(partial(json.dumps, tree, indent=2))
        size = len(definition.text.encode()) / 1024
        print(
            f"  {label:34}{seconds * 1000:8.0f} ms{seconds / bare:8.1f} × json"
            f"{size:8.0f} KB   aim: < 1000 ms"
        )


def chain(number: int, _: Random) -> list[int]:
    return [number - 1] if number else []


def ladder(number: int, _: Random) -> list[int]:
    """Ten side by side, then one, again and again."""
    place = number % 11
    if place == 10:
        return list(range(number - 10, number))
    return [number - place - 1] if number > 10 else []


def tangle(number: int, random: Random) -> list[int]:
    near = range(max(0, number - 40), number)
    return random.sample(near, min(number, random.randint(0, 3)))


SHAPES: dict[str, Callable[[int, Random], list[int]]] = {
    "a chain": chain,
    "ten side by side, then one, again": ladder,
    "a tangle, up to three upstream": tangle,
}


def made(above: Callable[[int, Random], list[int]]) -> Pipeline:
    random = Random(7)
    place = Place(ROOT / "pipelines/large/metadata.yaml", 1)
    blocks = tuple(
        Block(
            id=BlockId(f"block_{number}"),
            kind=Kind.TRANSFORMER,
            language=Language.PYTHON,
            file=ROOT / "transformers" / f"block_{number}.py",
            place=place,
            upstream=tuple(BlockId(f"block_{up}") for up in above(number, random)),
        )
        for number in range(BLOCKS)
    )
    return Pipeline(PipelineId("large"), place, "python", blocks)


def compiled(pipeline: Pipeline) -> Definition:
    project = Project("large", ROOT, (pipeline,))
    return compile_pipeline(project, pipeline, Urls(pipeline), "bucket")


class Urls:
    """As a target gives them."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    def __call__(self, block: Block) -> str:
        service = naming.function_id(self.pipeline, block)
        return naming.service_url(service, "123456789012", "europe-west1")


def timed(work: Callable[[], object]) -> float:
    rounds = []
    for _ in range(ROUNDS):
        start = perf_counter()
        work()
        rounds.append(perf_counter() - start)
    return median(rounds)


if __name__ == "__main__":
    main()
