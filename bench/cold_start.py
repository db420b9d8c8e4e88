"""Cold starts: from nothing to the first answer.

A block's bundle in a fresh interpreter, with all that the runtime does for an answer (read the
request, run the block and its test, write outputs and a manifest), beside functions-framework
with a bare function that imports what the block imports. Aim: at most 1.15 times. Then a whole
run in the emulator, from asking for it to its end, that has to start the function. Aim: under
0.2 s with pandas.
"""

from __future__ import annotations

import compileall
import json
import os
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from bench.measure import each, first_answer, serving, show
from bench.world import World, deployed, folder, write_pipeline
from deployer.bundle import bundle
from deployer.naming import function_id

ROUNDS = 5
LEAVE = """
    if kwargs.get('leave'):
        import os, threading
        threading.Timer(0.6, os._exit, (0,)).start()
"""
CODE = """
{imports}

@data_loader
def load(*args, **kwargs):
{leave}
    return {value}

@test
def test_output(output, *args):
    assert output is not None
"""
BARE = "{imports}\n\ndef empty(request):\n    {value}\n    return 'ok'\n"
FRAME = "pd.DataFrame({'a': [1, 2, 3]})"


@dataclass(frozen=True, slots=True)
class Case:
    """One block, and what a bare function must import to do as much."""

    name: str
    imports: str
    value: str
    bare_imports: str
    bare_value: str


CASES = (
    Case("nothing", "", "1", "", "pass"),
    Case("pandas", "import pandas as pd", f"len({FRAME})", "import pandas as pd", f"len({FRAME})"),
    Case(
        "pandas, a table stored",
        "import pandas as pd",
        FRAME,
        "import io\nimport pandas as pd\nimport pyarrow.parquet",
        f"{FRAME}.to_parquet(io.BytesIO())",
    ),
)


def main() -> None:
    with folder() as here, deployed(project(here / "cold")) as world:
        print(f"  medians of {ROUNDS} rounds")
        for n, case in enumerate(CASES):
            measure(world, here, n, case)


def project(root: Path) -> Path:
    root.mkdir()
    for n, case in enumerate(CASES):
        block = {"uuid": f"block_{n}", "type": "data_loader", "code": code(case)}
        write_pipeline(root, name_of(n), [block])
    return root


def name_of(n: int) -> str:
    return f"cold_{n}"


def code(case: Case) -> str:
    return CODE.format(imports=case.imports, value=case.value, leave=LEAVE.strip("\n"))


def measure(world: World, here: Path, n: int, case: Case) -> None:
    block = unpacked(world, here / f"bundle_{n}", n)
    bare = written(here / f"bare_{n}" / "main.py", BARE.format(
        imports=case.bare_imports, value=case.bare_value
    ))  # fmt: skip
    taken = each(
        [
            lambda: fresh(bare, "empty", b"{}", {}),
            lambda: fresh(block, "block", request(world), surroundings(world, n)),
            lambda: by_emulator(world, n),
        ],
        ROUNDS,
    )
    print(f"  the block imports {case.name}")
    show("  bare functions-framework, fresh interpreter", taken[0])
    show("  the block's bundle, fresh interpreter", taken[1], taken[0], "aim: ≤ 1.15 ×")
    show("  a whole run that must start it, in the emulator", taken[2], taken[0], "aim: < 200 ms")


# -- in a fresh interpreter -----------------------------------------------------------------


def unpacked(world: World, into: Path, n: int) -> Path:
    pipeline = world.pipeline(name_of(n))
    made = bundle(world.workspace.project, pipeline, pipeline.blocks[0])
    for name, content in made.files.items():
        file = into / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    compileall.compile_dir(into, quiet=2)  # as Google's build does
    return into / "main.py"


def written(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True)
    file.write_text(text)
    compileall.compile_dir(file.parent, quiet=2)
    return file


def fresh(source: Path, target: str, body: bytes, environment: dict[str, str]) -> float:
    began = time.perf_counter()
    with serving(source, target, environment) as port:
        first_answer(port, body)
        return time.perf_counter() - began


def request(world: World) -> bytes:
    return json.dumps({"run": uuid.uuid4().hex, "bucket": world.workspace.target.bucket}).encode()


def surroundings(world: World, n: int) -> dict[str, str]:
    """What the emulator's host tells a function about where it is."""
    target = world.workspace.target
    service = f"{service_of(world, n)}-{world.workspace.number}.{target.region}"
    metadata = f"{target.base.removeprefix('http://')}/md/{service}"
    return {
        "API_ENDPOINT_OVERRIDE": target.base,
        "GCE_METADATA_HOST": metadata,
        "GCE_METADATA_IP": metadata,
        "GOOGLE_CLOUD_PROJECT": target.project_id,
        "PYTHONPATH": os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH")])),
    }


# -- by the emulator ------------------------------------------------------------------------


def service_of(world: World, n: int) -> str:
    pipeline = world.pipeline(name_of(n))
    return function_id(pipeline, pipeline.blocks[0])


def by_emulator(world: World, n: int) -> float:
    """The function ends its process after one call, so that the next run needs a new one."""
    world.run(name_of(n), {"leave": True})
    time.sleep(1.0)
    return world.run(name_of(n))


if __name__ == "__main__":
    main()
