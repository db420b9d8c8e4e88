"""A run of twenty blocks that do nothing, beside twenty bare calls of an empty function.

What it costs to be a workflow: identity tokens, manifests, the journal. Aim: at most 3 times
the bare calls, and under 20 ms a block.
"""

from __future__ import annotations

from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from bench.measure import ask, each, first_answer, serving, show, timed
from bench.world import deployed, folder, write_pipeline

BLOCKS = 20
ROUNDS = 9
EMPTY = "def empty(request):\n    return 'ok'\n"
NO_OP = "@transformer\ndef nothing(*args, **kwargs):\n    return None\n"


def main() -> None:
    with ExitStack() as stack:
        here = stack.enter_context(folder())
        world = stack.enter_context(deployed(chain(here / "chain")))
        connection = HTTPConnection("127.0.0.1", stack.enter_context(bare(here)))
        world.run("chain")  # wakes every function
        run, calls = each([lambda: world.run("chain"), lambda: twenty(connection)], ROUNDS)
    print(f"  medians of {ROUNDS} rounds, {BLOCKS} blocks one after another, warm")
    show("bare calls of an empty function, one connection", calls)
    show("the run, from asking for it to its end", run, calls, "aim: ≤ 3 ×")
    show("  a block", run / BLOCKS, calls / BLOCKS, "aim: < 20 ms")


def chain(project: Path) -> Path:
    project.mkdir()
    write_pipeline(project, "chain", [block(n) for n in range(BLOCKS)])
    return project


def block(n: int) -> dict[str, Any]:
    upstream = [f"block_{n - 1}"] if n else []
    return {"uuid": f"block_{n}", "type": "transformer", "upstream_blocks": upstream, "code": NO_OP}


def bare(here: Path) -> Any:
    source = here / "main.py"
    source.write_text(EMPTY)
    return serving(source, "empty")


def twenty(connection: HTTPConnection) -> float:
    first_answer(connection.port)
    return timed(lambda: [ask(connection) for _ in range(BLOCKS)])


if __name__ == "__main__":
    main()
