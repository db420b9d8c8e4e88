"""Importing the runtime, beside a bare interpreter; and a warm no-op call inside one process.

Beside functions-framework, which imports half of the standard library itself, the runtime adds
less; both are shown. Aims: at most 30 ms over bare Python; a call that does nothing at most 2 ms
besides its two round trips to storage.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from bench.measure import each, show, timed

ROOT = Path(__file__).parents[1]
ROUNDS = 15
CALLS = 200
WARM = """
import cProfile, json, os, sys, time
from pathlib import Path
from runtime.context import Context
from runtime.contract import BlockRequest, BlockSpec
from runtime import run, web
project = Path({project!r})
spec = BlockSpec('shop', 'orders', 'noop', 'custom', 'python', 'noop.py')

class Store:
    name = 'bucket'
    def __init__(self): self.kept = {{}}
    def get(self, name): return self.kept.get(name)
    def get_all(self, names): return [self.get(name) for name in names]
    def put(self, name, data, create_only=False): self.kept[name] = data; return True

def call(number):
    context = Context.of(spec, BlockRequest(f'run-{{number}}', 'bucket'), str(project))
    object.__setattr__(context.artifacts, 'bucket', store)
    run.run(context)

store = Store()
call(-1)
began = time.perf_counter()
for number in range({calls}):
    call(number)
print((time.perf_counter() - began) / {calls})
"""


def main() -> None:
    def interpreter(code: str) -> float:
        command = [
            sys.executable,
            "-I",
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}",
        ]
        return timed(lambda: subprocess.run(command, check=True))

    interpreter("import runtime.entry")
    bare, entry, trigger, framework, both = each(
        [
            lambda: interpreter("pass"),
            lambda: interpreter("import runtime.entry"),
            lambda: interpreter("import runtime.trigger"),
            lambda: interpreter("import functions_framework"),
            lambda: interpreter("import functions_framework, runtime.entry"),
        ],
        ROUNDS,
    )
    show("bare python", bare)
    show("import runtime.entry", entry, bare)
    show("  over bare python", entry - bare, aim="aim: ≤ 30 ms")
    show("import runtime.trigger, over bare python", trigger - bare)
    show("import functions_framework, over bare python", framework - bare)
    show("  what runtime.entry adds to it", both - framework)
    show("a warm no-op call without its round trips", _warm(), aim="aim: ≤ 2 ms")


def _warm() -> float:
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "shop")
        project.mkdir()
        (project / "noop.py").write_text("@custom\ndef noop(*args, **kwargs):\n    pass\n")
        code = WARM.format(project=str(project), calls=CALLS)
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        )
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    main()
