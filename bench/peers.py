"""The same twenty blocks that do nothing, in a chain, run by Blocklift and by its peers.

A peer lives in a virtual environment of its own, `$BLOCKLIFT_PEERS/mage` (`pip install mage-ai`)
and `$BLOCKLIFT_PEERS/dagster` (`pip install dagster`); who is not there is not measured. Each
runs as it comes, no setting turned:

- Mage runs the very same project. Its server, started by HTTP as Blocklift is, begins the next
  block when its scheduler looks again, every ten seconds. `mage run` needs no server.
- Dagster runs a job of twenty ops from its command line, each op in a process of its own.

Seconds are from asking for the run to its end; Blocklift's is the median of a few, the peers' runs
are minutes and measured once. "Kept running" is what has to stay up between runs so that the next
one can start, less what processes share. In the cloud that is nothing for Blocklift; here it is
the local cloud with twenty warm functions.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from bench.chain import BLOCKS, chain
from bench.measure import free_port, held, median_of, timed
from bench.world import deployed

ROUNDS = 3
PATIENCE = 400
TRIGGER = """triggers:
- {name: http, schedule_type: api, status: active, token: bench, settings: {}, variables: {},
   schedule_interval: null, start_time: null}
"""
JOB = f"""
from dagster import Definitions, In, Nothing, job, op

def block(n):
    @op(name=f"block_{{n}}", ins={{"start": In(Nothing)}} if n else {{}})
    def nothing():
        return None
    return nothing

@job
def chain():
    last = block(0)()
    for n in range(1, {BLOCKS}):
        last = block(n)(start=last)

defs = Definitions(jobs=[chain])
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="blocklift-bench-") as name:
        here = Path(name)
        blocklift(chain(here / "chain"))
        for peer, measure in {"mage": mage, "dagster": dagster}.items():
            commands = Path(os.environ.get("BLOCKLIFT_PEERS", "/nowhere"), peer, "bin")
            if commands.is_dir():
                measure(commands, here)
            else:
                print(f"  {peer}: not measured, there is no $BLOCKLIFT_PEERS/{peer}")


def tell(label: str, seconds: float, megabytes: float | None) -> None:
    kept = "nothing" if megabytes is None else f"{megabytes:.0f} MiB"
    print(f"  {label:<32} {seconds:8.2f} s a run   kept running: {kept}", flush=True)


def blocklift(project: Path) -> None:
    with deployed(project) as world:
        world.run("chain")
        seconds = median_of(ROUNDS, lambda: world.run("chain"))
        state = project / ".blocklift" / "emulator" / "emulator.json"
        tell("Blocklift, local cloud", seconds, held(json.loads(state.read_text())["pid"], "Pss"))


def mage(commands: Path, here: Path) -> None:
    """The project that Blocklift ran, untouched but for a trigger with a token."""
    (here / "chain" / "pipelines" / "chain" / "triggers.yaml").write_text(TRIGGER)
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    settings = {"REQUIRE_USER_AUTHENTICATION": "0", "MAGE_DATA_DIR": str(here / "mage")}
    command = ["mage", "start", str(here / "chain"), "--host", "127.0.0.1", "--port", str(port)]
    with server(commands, command, here, settings) as pid:
        schedules = f"{url}/pipelines/chain/pipeline_schedules"
        until(lambda: asked(schedules).get("pipeline_schedules"))
        trigger = asked(schedules)["pipeline_schedules"][0]["id"]
        start = f"{url}/pipeline_schedules/{trigger}/pipeline_runs/bench"
        tell("Mage, its server", timed(lambda: mage_run(url, start)), held(pid, "Pss"))
    alone = ["mage", "run", str(here / "chain"), "chain"]
    tell("Mage, from its command line", timed(lambda: ran(commands, alone, here, settings)), None)


def mage_run(url: str, start: str) -> None:
    run = asked(start, {"pipeline_run": {"variables": {}}})["pipeline_run"]["id"]

    def over() -> bool:
        state = asked(f"{url}/pipeline_runs/{run}")["pipeline_run"]["status"]
        if state in ("failed", "cancelled"):
            raise RuntimeError(f"Mage's run {run}: {state}")
        return bool(state == "completed")

    until(over)


def dagster(commands: Path, here: Path) -> None:
    home = here / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    definitions = here / "definitions.py"
    definitions.write_text(JOB)
    command = ["dagster", "job", "execute", "-f", str(definitions), "-j", "chain"]
    settings = {"DAGSTER_HOME": str(home)}
    tell(
        "Dagster, from its command line",
        timed(lambda: ran(commands, command, here, settings)),
        None,
    )


def ran(commands: Path, command: list[str], here: Path, settings: Mapping[str, str]) -> str:
    done = subprocess.run(
        [str(commands / command[0]), *command[1:]],
        cwd=here,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr[-2000:]}")
    return done.stdout


@contextmanager
def server(
    commands: Path, command: list[str], here: Path, settings: Mapping[str, str]
) -> Iterator[int]:
    """A peer's server in a process of its own; yields its pid."""
    with ExitStack() as stack:
        log = stack.enter_context((here / f"{command[0]}.log").open("wb"))
        process = subprocess.Popen(
            [str(commands / command[0]), *command[1:]],
            cwd=here,
            env={**os.environ, **settings},
            stdout=log,
            stderr=log,
        )
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait(30)


def asked(url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"content-type": "application/json"})
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)


def until(there: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if there():
                return
        except URLError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError("a peer did not get there in time")
        time.sleep(0.1)


if __name__ == "__main__":
    main()
