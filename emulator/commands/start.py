"""`start`: run the emulator here, or in the background with --detach."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.presence import Presence

DEFAULT_DATA = Path(".blocklift/emulator")
PATIENCE = 30


def main(argv: list[str]) -> int:
    options = _parser().parse_args(argv)
    if mistake := _wrong_pace(options.simulate):
        return _fail(mistake, "--simulate google:0.01")
    if mistake := _wrong_clock(options.clock):
        return _fail(mistake, "--clock virtual")
    if options.detach:
        return _detach(options)
    if not options.ephemeral:
        return _serve(options, options.data)
    data = Path(tempfile.mkdtemp(prefix="blocklift-emulator-"))
    try:
        return _serve(options, data)
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="emulator start", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=9090, help="REST")
    parser.add_argument("--grpc-port", type=int, default=9091)
    parser.add_argument("--any-port", action="store_true", help="free ports, if these are taken")
    parser.add_argument("--project", default="blocklift-local", help="the default project's id")
    parser.add_argument("--region", default="europe-west1")
    parser.add_argument("--allow-host", action="append", default=[], help="a further own name")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--data", type=Path, default=DEFAULT_DATA, help="what it keeps")
    where.add_argument("--ephemeral", action="store_true", help="keep nothing")
    _add_workflow_options(parser)
    clock = "virtual, or an RFC 3339 time at which virtual time begins; moved by `clock advance`"
    parser.add_argument("--clock", default="", metavar="WHEN", help=clock)
    pace = "google, or google:0.01 for a hundred times faster: builds, latencies and quotas"
    parser.add_argument("--simulate", default="", metavar="PACE", help=pace)
    other = (
        "URL of a Postgres to use instead of the embedded one, kept in DATA; embedded: that again"
    )
    parser.add_argument("--postgres", default="", metavar="URL", help=other)
    parser.add_argument("--detach", action="store_true", help="go on in the background")
    parser.add_argument("--check-answers", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--ready-fd", type=int, help=argparse.SUPPRESS)
    return parser


def _add_workflow_options(parser: argparse.ArgumentParser) -> None:
    limits = "Google's quotas for workflows and memory of functions: on, or off for exploring"
    parser.add_argument("--limits", choices=("on", "off"), default="on", help=limits)
    hosts = "URLs or canned answers for hosts that workflows call; else DATA/hosts.yaml, if there"
    parser.add_argument("--hosts", type=Path, metavar="FILE", help=hosts)


# -- in the foreground ----------------------------------------------------------------------


def _serve(options: argparse.Namespace, data: Path) -> int:
    # Functions are forked from processes without gRPC; it would write a line about every fork.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    from emulator.presence import AlreadyRunningError, Presence, running

    data = data.resolve()
    if mistake := _wrong_hosts(options.hosts or data / "hosts.yaml", given=bool(options.hosts)):
        return _fail(mistake, "docs/workflows.md shows what may stand in the file")
    if mistake := _wrong_postgres(options.postgres, data):
        return _fail(mistake, "--postgres postgresql://user:password@host:5432/dbname")
    try:
        presence = Presence(data)
    except AlreadyRunningError:
        told = running(data) or {}
        return _fail(
            f"an emulator already runs on {data} ({told.get('url')}, pid {told.get('pid')})",
            f"python -m emulator stop --data {data}",
        )
    try:
        return _serve_alone(options, data, presence)
    finally:
        presence.leave()


def _wrong_hosts(file: Path, given: bool) -> str:
    """What is wrong with the file of hosts, before anything is started with it."""
    if not given and not file.exists():
        return ""
    from emulator.drive.hosts import Hosts, HostsError

    try:
        Hosts.read(file)
    except HostsError as error:
        return str(error)
    return ""


def _wrong_postgres(given: str, data: Path) -> str:
    """A Postgres that is named is kept; others see the arguments of processes, so a background
    one is told by its environment.
    """
    url = given or os.environ.pop("BLOCKLIFT_POSTGRES", "")
    if not url:
        return ""
    from emulator.postgres import external
    from emulator.postgres.errors import PostgresError

    try:
        external.keep(data, url)
    except PostgresError as error:
        return str(error)
    return ""


def _wrong_pace(text: str) -> str:
    if not text:
        return ""
    from emulator.simulate import Simulation, SimulationError

    try:
        Simulation.of(text)
    except SimulationError as error:
        return str(error)
    return ""


def _wrong_clock(text: str) -> str:
    if text in ("", "virtual"):
        return ""
    from emulator.clock import unix

    try:
        unix(text)
    except ValueError as error:
        return f"--clock: {error}"
    return ""


def _serve_alone(options: argparse.Namespace, data: Path, presence: Presence) -> int:
    from emulator.cloud import Settings
    from emulator.serve import Server, listen, reserve

    try:
        rest = listen(options.host, options.port, options.any_port)
        grpc = reserve(options.host, options.grpc_port, options.any_port)
    except OSError as error:
        return _fail(f"port {options.port} or {options.grpc_port}: {error.strerror}", "--any-port")
    settings = Settings(
        data=data,
        host=options.host,
        port=rest.getsockname()[1],
        grpc_port=grpc.getsockname()[1],
        project_id=options.project,
        region=options.region,
        strict_limits=options.limits == "on",
        hosts=options.hosts and options.hosts.resolve(),
        clock=options.clock,
        simulate=options.simulate,
        allowed_hosts=tuple(options.allow_host),
        check_answers=options.check_answers,
    )

    def ready() -> None:
        grpc_at = f"{settings.host}:{settings.grpc_port}"
        same = argparse.Namespace(**vars(options))
        same.port, same.grpc_port = settings.port, settings.grpc_port
        presence.announce(settings.url, grpc_at, settings.project_id, _same(same))
        _tell(options, f"emulator at {settings.url}, gRPC at {settings.grpc_port}, data in {data}")

    Server(settings, rest).run(ready)
    return 0


def _tell(options: argparse.Namespace, line: str) -> None:
    if options.ready_fd is None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    else:
        os.write(options.ready_fd, f"{line}\n".encode())
        os.close(options.ready_fd)


def _fail(what: str, hint: str) -> int:
    sys.stderr.write(f"{what}\n  try: {hint}\n")
    return 1


# -- in the background ----------------------------------------------------------------------


def _detach(options: argparse.Namespace) -> int:
    """Start again as a process of its own session, and wait until that one answers."""
    data = options.data.resolve()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = Path(tempfile.gettempdir()) if options.ephemeral else data
    log /= "emulator.log"
    reading, writing = os.pipe()
    with log.open("ab") as output:
        begin = output.tell()
        child = subprocess.Popen(
            [sys.executable, "-m", "emulator", "start", *_again(options, writing)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[writing],
            start_new_session=True,
            env={
                **os.environ,
                **({"BLOCKLIFT_POSTGRES": options.postgres} if options.postgres else {}),
            },
        )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        line = pipe.readline()
    if line:
        sys.stdout.write(line)
        return 0
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(PATIENCE)
    sys.stderr.write(_tail(log, begin))
    return 1


def _again(options: argparse.Namespace, ready_fd: int) -> list[str]:
    return [*_same(options), f"--ready-fd={ready_fd}"]


def _same(options: argparse.Namespace) -> list[str]:
    """What starts such an emulator once more."""
    given = [f"--host={options.host}", f"--port={options.port}", f"--grpc-port={options.grpc_port}"]
    given += [f"--project={options.project}", f"--region={options.region}"]
    given += [f"--allow-host={host}" for host in options.allow_host]
    given += [f"--limits={options.limits}"]
    given += [f"--clock={options.clock}"] if options.clock else []
    given += [f"--simulate={options.simulate}"] if options.simulate else []
    given += [f"--hosts={options.hosts.resolve()}"] if options.hosts else []
    given += ["--any-port"] if options.any_port else []
    given += ["--check-answers"] if options.check_answers else []
    given += ["--ephemeral"] if options.ephemeral else [f"--data={options.data.resolve()}"]
    return given


def _tail(log: Path, begin: int) -> str:
    with log.open("rb") as file:
        file.seek(begin)
        return file.read()[-4000:].decode(errors="replace")
