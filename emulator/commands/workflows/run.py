"""`workflows run FILE`: run a definition once, by itself."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import uuid
from collections.abc import Awaitable
from functools import partial
from pathlib import Path
from typing import Any

from emulator.clock import RealClock
from emulator.commands.workflows import check
from emulator.commands.workflows.alone import Guest, Said, Strangers, Ways, hosts_of
from emulator.commands.workflows.doors import Doors
from emulator.commands.workflows.places import marked, place
from emulator.commands.workflows.show import Screen, Show, Trace, said
from emulator.drive import documents
from emulator.drive.catalog import shipped
from emulator.drive.connectors import Connectors
from emulator.drive.credentials import Credentials
from emulator.drive.hosts import HostsError
from emulator.drive.journal import Journal
from emulator.drive.logs import ExecutionLog
from emulator.drive.names import ExecutionName, WorkflowName
from emulator.drive.outside import Outside
from emulator.drive.perform import Performer, Shared, Subject
from emulator.drive.run import Effects, Run
from emulator.store import Store
from emulator.workflows.effects import Failed, Outcome, Reply, Request
from emulator.workflows.limits import OFF, STRICT, Limits
from emulator.workflows.machine import execute
from emulator.workflows.parse import parse
from emulator.workflows.syntax import Program

Value = Any


class UsageError(Exception):
    """The command line does not say what to do."""


def once(options: argparse.Namespace) -> int:
    file: Path = options.files[0]
    if check.problems(file, limits_of(options)):
        return check.once(argparse.Namespace(files=[file], limits=options.limits, json=False))
    screen = Screen(options.quiet)
    try:
        outcome = asyncio.run(_run(options, file, screen))
    except (UsageError, HostsError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if isinstance(outcome, Failed):
        _explain(screen, file, outcome)
        return 1
    sys.stdout.write(f"{documents.json_text(outcome.result)}\n")
    return 0


def limits_of(options: argparse.Namespace) -> Limits:
    return STRICT if options.limits == "on" else OFF


async def _run(options: argparse.Namespace, file: Path, screen: Screen) -> Outcome:
    source = file.read_text()
    program = parse(source, limits=limits_of(options))
    name = ExecutionName(
        WorkflowName(options.project, options.location, file.stem), str(uuid.uuid4())
    )
    doors = Doors(str(name))
    url = await doors.open() if "create_callback_endpoint" in source else ""
    run, ways = _prepared(options, program, name, url, screen)
    doors.run = run
    try:
        return await run.drive(run.clock.now())
    finally:
        await ways.close()
        await doors.close()


def _prepared(
    options: argparse.Namespace, program: Program, name: ExecutionName, url: str, screen: Screen
) -> tuple[Run, Ways]:
    limits, clock = limits_of(options), RealClock()
    hosts = hosts_of(options.hosts)
    ways = Ways(Outside(), hosts, options.emulator, limits.response)
    credentials = Credentials(Guest(options.emulator), clock)
    strangers = Strangers(ways, credentials)
    connectors = Connectors(ways, credentials, strangers, shipped, hosts)
    shared = Shared(ways, credentials, connectors, strangers)
    workflow = {"revisionId": "000001-000", "userEnvVars": environment(options.set_env_vars)}
    subject = Subject(name, documents.account_of(name.workflow, workflow), url)
    log = ExecutionLog(Said(partial(said, screen)), clock, name, "000001-000", "")
    effects: Effects = Performer(subject, shared, log)
    if options.trace:
        effects = Traced(effects, Trace(screen))
    machine = execute(
        program,
        argument(options.data),
        documents.environment(name, workflow),
        limits=limits,
        seed=options.seed,
        observer=Show(screen, options.variables),
    )
    return Run(machine, Journal(Store(None), str(name)), effects, clock), ways


def argument(data: str) -> Value:
    text = data
    try:
        if data.startswith("@"):
            text = Path(data[1:]).read_text()
        return json.loads(text)
    except OSError as error:
        message = f"--data {data}: {error.strerror}"
        raise UsageError(message) from None
    except ValueError as error:
        message = f"--data is not JSON: {error}"
        raise UsageError(message) from None


def environment(given: list[str]) -> dict[str, str]:
    pairs = [item.partition("=") for item in given]
    if wrong := [key for key, equals, _ in pairs if not equals]:
        message = f"--set-env-vars {wrong[0]}: expected NAME=VALUE"
        raise UsageError(message)
    return {key: value for key, _, value in pairs}


class Traced:
    """Effects that are told as they happen."""

    def __init__(self, effects: Effects, trace: Trace) -> None:
        self._effects = effects
        self._trace = trace

    def at_once(self, run: Run, request: Request) -> Reply | None:
        self._trace.asked(request)
        reply = self._effects.at_once(run, request)
        if reply is not None:
            self._trace.answered(request, reply.value)
        return reply

    def later(self, run: Run, request: Request) -> Awaitable[Value]:
        return self._later(run, request)

    async def _later(self, run: Run, request: Request) -> Value:
        value = await self._effects.later(run, request)
        self._trace.answered(request, value)
        return value


def _explain(screen: Screen, file: Path, failed: Failed) -> None:
    """The error, and the line of the source that raised it."""
    screen.always(f"error: {failed.payload}", "bold red")
    for frame in failed.stack:
        where = place(file, frame.line, frame.column)
        screen.always(f'  in step "{frame.step}", routine "{frame.routine}": {where}', "red")
    if failed.stack:
        first = failed.stack[0]
        for line in marked(file.read_text(), first.line, first.column, first.length):
            screen.always(f"  {line}")
