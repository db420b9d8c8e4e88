"""The keepers over HTTP, by Google's own clients, against a real emulator; with faults, too."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deployer.apply import Applied
from deployer.deploying import DESTROY, Deployer, Manner
from deployer.deployments.journal import Journal
from deployer.deployments.rollback import alone, chosen, things_of, way_back
from deployer.errors import BlockliftError, Conflict
from deployer.gcp.connect import Clients, connect
from deployer.live import Live, survey
from deployer.model import Project
from deployer.options import Options
from deployer.pace import Pace, Patience
from deployer.plan import Plan, plan, teardown
from deployer.resources import (
    Access,
    Account,
    Bucket,
    Function,
    Grant,
    Kind,
    Resource,
    Secret,
    Workflow,
    key,
)
from deployer.target import Polling, Target, local
from tests.deployer.fakes import code

HASTE = Pace(workers=4, patience=Patience(0, 0, tries=2))
SOURCE = """\
main:
  params: [args]
  steps:
  - load:
      call: http.post
      args:
        url: {url}
        body: {{}}
        auth: {{type: OIDC, audience: "{url}"}}
      result: answer
  - done:
      return: ${{answer.body}}
"""
BLOCK = """\
import os
def block(request):
    return {"password": os.environ["PASSWORD"], "says": %r}
"""


@dataclass
class Site:
    """One project in one target."""

    owner: str
    target: Target
    clients: Clients = field(init=False)

    def __post_init__(self) -> None:
        self.clients = connect(self.target, self.owner)

    @property
    def bucket(self) -> Bucket:
        return Bucket(self.target.bucket, self.target.region)

    def plan(self, desired: Sequence[Resource]) -> Plan:
        return plan(self.owner, desired, survey(self.clients.cloud, self.owner, desired))

    @property
    def journal(self) -> Journal:
        return Journal(self.clients.notes, self.owner)

    def perform(self, found: Plan, manner: Manner | None = None) -> Applied:
        """As the command line does it: under the lock, and written down."""
        cloud, pace, bucket = self.clients.cloud, self.target.pace, self.target.bucket
        deployer = Deployer(self.journal, cloud, pace, Path("/nowhere"), self.owner, bucket)
        return deployer.perform(found, None, lambda _: None, manner or Manner())

    def deploy(self, desired: Sequence[Resource]) -> Applied:
        return self.perform(self.plan(desired))

    def destroy(self) -> Applied:
        found = teardown(self.owner, self.holdings(), with_buckets=True)
        return self.perform(found, Manner(DESTROY))

    def way_back(self, number: int) -> Plan:
        things = alone(things_of(chosen(self.journal, number), ()))
        wanted = [thing.resource for thing in things]
        return way_back(self.owner, things, survey(self.clients.cloud, self.owner, wanted))

    def holdings(self):
        wanted = [self.bucket, Access("bucket", self.target.bucket, ())]
        return survey(self.clients.cloud, self.owner, wanted)

    def keys(self) -> set[str]:
        return {name for name, live in self.holdings().items.items() if live.owner == self.owner}

    def run(self) -> object:
        """What the workflow returns."""
        executions = self.clients.executions
        execution = executions.start(f"{self.owner}-daily", {})
        deadline = time.monotonic() + 30
        while not execution.over and time.monotonic() < deadline:
            time.sleep(0.02)
            execution = executions.get(execution.workflow, execution.id)
        assert execution.state == "SUCCEEDED", execution
        return json.loads(execution.result)


def site(url: str, owner: str, endpoints: str = "") -> Site:
    target = replace(
        local(Project(owner, Path(owner), ()), url), pace=HASTE, polling=Polling(0.01, 0.1)
    )
    if endpoints:
        target = replace(target, endpoints=type(target.endpoints).all_at(endpoints))
    return Site(owner, target)


def project(of: Site, says: str = "hello", password: str = "hunter2", export: bool = True):
    """Two functions, the second perhaps not; only the first is called."""
    target, name = of.target, of.owner
    bucket = of.bucket
    runner = Account(f"{name}-run", target.email(f"{name}-run"), "runs blocks", "daily")
    caller = Account(f"{name}-wf", target.email(f"{name}-wf"), "calls blocks", "daily")
    secret = Secret(f"{name}-PASSWORD", "PASSWORD", password)
    reader = Access(
        "secret",
        secret.name,
        (Grant("roles/secretmanager.secretAccessor", runner.member),),
        needs=frozenset({key(secret), key(runner)}),
    )
    prefix = f"projects/_/buckets/{bucket.name}/objects/runs/{name}/daily/"
    writer = Access(
        "bucket",
        bucket.name,
        (
            Grant(
                "roles/storage.objectUser",
                runner.member,
                f'resource.name.startsWith("{prefix}")',
            ),
        ),
        needs=frozenset({key(bucket), key(runner)}),
    )
    logger = Access(
        "project",
        target.project_id,
        (Grant("roles/logging.logWriter", caller.member),),
        needs=frozenset({key(caller)}),
    )
    functions = [
        Function(
            f"{name}-daily-{block}",
            f"daily/{block}",
            code(BLOCK % says if block == "load" else BLOCK % "export", block),
            Options(memory="512Mi"),
            runner.email,
            (("PASSWORD", secret.name),),
            pipeline="daily",
            needs=frozenset({key(runner), key(secret), key(reader)}),
        )
        for block in (("load", "export") if export else ("load",))
    ]
    invokers = [
        Access(
            "service",
            function.name,
            (Grant("roles/run.invoker", caller.member),),
            "daily",
            frozenset({key(function), key(caller)}),
        )
        for function in functions
    ]
    url = target.url(functions[0].name, of.clients.projects.number())
    workflow = Workflow(
        f"{name}-daily",
        "daily",
        SOURCE.format(url=url),
        caller.email,
        "every day",
        "daily",
        frozenset(key(r) for r in [*functions, *invokers, caller, bucket, writer, logger]),
    )
    shared = [bucket, runner, caller, secret, reader, writer, logger]
    return [*shared, *functions, *invokers, workflow]


def test_a_project_is_deployed_runs_changes_and_goes(emulator: str) -> None:
    shop = site(emulator, "shop")
    assert not shop.deploy(project(shop)).failed
    assert shop.run() == {"password": "hunter2", "says": "hello"}
    assert not shop.plan(project(shop)).writes

    changed = shop.plan(project(shop, says="bye", export=False))
    assert [(c.action, c.key) for c in changed.writes] == [
        ("update", "function/shop-daily-load"),
        ("update", "workflow/shop-daily"),
        ("delete", "function/shop-daily-export"),
    ]
    assert not shop.deploy(project(shop, says="bye", export=False)).failed
    assert shop.run() == {"password": "hunter2", "says": "bye"}

    assert not shop.destroy().failed
    assert shop.keys() == set()


def test_a_new_secret_version_reaches_the_function_without_a_build(emulator: str) -> None:
    shop = site(emulator, "keys")
    shop.deploy(project(shop))
    assert not shop.deploy(project(shop, password="correct horse")).failed
    assert shop.run() == {"password": "correct horse", "says": "hello"}
    assert not shop.plan(project(shop, password="correct horse")).writes
    shop.destroy()


def test_other_peoples_things_are_neither_changed_nor_deleted(emulator: str) -> None:
    theirs, ours = site(emulator, "theirs"), site(emulator, "ours")
    theirs.deploy(project(theirs))
    before = theirs.holdings().items
    ours.deploy(project(ours))
    ours.destroy()
    assert theirs.holdings().items == before
    assert not theirs.plan(project(theirs)).writes
    theirs.destroy()


def test_a_function_of_the_same_name_is_not_taken_over(emulator: str) -> None:
    first = site(emulator, "first")
    first.deploy(project(first))
    second = site(emulator, "first")
    second.owner = "second"
    second.clients = connect(second.target, "second")
    with pytest.raises(Conflict, match="made for project first"):
        second.plan(project(first))
    wanted = next(r for r in project(first) if r.kind is Kind.FUNCTION)
    with pytest.raises(Conflict):
        second.clients.cloud[Kind.FUNCTION].put(wanted, None, work_of(first))
    first.destroy()


def work_of(of: Site):
    from deployer.live import Work

    return Work(of.holdings().known)


def test_bindings_of_others_in_a_policy_stay(emulator: str) -> None:
    shop = site(emulator, "policy")
    shop.deploy(project(shop))
    policies = shop.clients.cloud[Kind.ACCESS]
    bucket = Access(
        "bucket", shop.target.bucket, (Grant("roles/storage.objectViewer", "user:eve@x.org"),)
    )
    policy = policies.read(bucket)
    stranger = {"role": "roles/storage.objectViewer", "members": ["user:eve@x.org"]}
    policies.write(bucket, {**policy, "bindings": [*policy["bindings"], stranger]})
    shop.deploy(project(shop))
    policies.drop(Live(Kind.ACCESS, bucket.name, bucket.name, "policy"))
    assert policies.read(bucket)["bindings"] == [stranger]
    shop.destroy()


# -- faults --------------------------------------------------------------------------------------


@dataclass
class Weather:
    """A proxy before the emulator that spoils the calls it is told to spoil."""

    emulator: str
    kind: str = ""
    at: int = -1
    """Number of the call; -1 spoils none."""
    lasting: bool = False
    """All later calls as well, as after a cut cable or a killed deployer."""
    count: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    def reset(self, kind: str = "", at: int = -1, lasting: bool = False) -> None:
        self.kind, self.at, self.lasting, self.count = kind, at, lasting, 0

    def spoils(self) -> bool:
        with self.lock:
            number, self.count = self.count, self.count + 1
        return self.at >= 0 and (number >= self.at if self.lasting else number == self.at)


KINDS = ("429", "500", "503", "drop before", "drop after")


@pytest.fixture
def weather(emulator: str) -> Iterator[Weather]:  # noqa: C901
    state = Weather(emulator)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            spoiled = state.spoils()
            if spoiled and state.kind.isdigit():
                self.refuse(int(state.kind))
            elif spoiled and state.kind == "drop before":
                self.close_connection = True
            else:
                code, headers, answer = self.forward(body)
                if spoiled:
                    self.close_connection = True
                else:
                    self.reply(code, headers, answer)

        def forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            place = urlsplit(emulator)
            connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
            headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            content = answer.read().replace(emulator.encode(), state.url.encode())
            connection.close()
            return answer.status, answer.getheaders(), content

        def refuse(self, code: int) -> None:
            error = {"error": {"code": code, "message": "bad weather", "status": "UNAVAILABLE"}}
            self.reply(code, [("content-type", "application/json")], json.dumps(error).encode())

        def reply(self, code: int, headers: list[tuple[str, str]], content: bytes) -> None:
            self.send_response(code)
            for name, value in headers:
                if name.lower() not in HOP:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


HOP = {"host", "connection", "content-length", "transfer-encoding", "keep-alive", "date", "server"}


def stories(of: Site) -> list[list[Resource]]:
    """First deploy, an update that also removes a function, and nothing left."""
    return [project(of), project(of, says="bye", password="new", export=False), []]


def settle(of: Site, desired: Sequence[Resource]) -> bool:
    """Whether it went well; expected errors are the only ones."""
    try:
        applied = of.deploy(desired) if desired else of.destroy()
    except BlockliftError:
        return False
    return not applied.failed


def weathered(of: Site, weather: Weather, points: int | None) -> dict[str, int]:
    """Every story with a fault at each of its calls, or at `points` of them, spread.

    The kind of fault goes round, so each call of a long story meets one and each kind many
    calls; all of them happen once (and the deploy gets over it) and for good.
    """
    counts = {"faults": 0, "failed deploys": 0}
    for story, desired in enumerate(stories(of)):
        before = stories(of)[story - 1] if story else []
        calls = calls_of(of, weather, before, desired)
        expected = of.keys()
        for at in range(0, calls, max(1, calls // points) if points else 1):
            for lasting in (True,) if points else (False, True):
                weather.reset()
                assert settle(of, before)
                weather.reset(KINDS[counts["faults"] % len(KINDS)], at, lasting)
                counts["faults"] += 1
                counts["failed deploys"] += not settle(of, desired)
                healed(of, weather, desired, expected)
    return counts


def weathered_back(of: Site, weather: Weather, points: int | None) -> dict[str, int]:
    """The same on the way back from a second deployment to the first; then forward again."""
    weather.reset()
    assert settle(of, project(of))
    assert settle(of, project(of, says="bye"))
    assert gone_back(of)
    assert settle(of, project(of, says="bye"))
    weather.reset()
    assert gone_back(of)
    calls, counts = weather.count, {"faults": 0, "failed rollbacks": 0}
    for at in range(0, calls, max(1, calls // points) if points else 1):
        for lasting in (True,) if points else (False, True):
            weather.reset()
            assert settle(of, project(of, says="bye"))
            weather.reset(KINDS[counts["faults"] % len(KINDS)], at, lasting)
            counts["faults"] += 1
            counts["failed rollbacks"] += not gone_back(of)
            weather.reset()
            assert gone_back(of), (weather.kind, at, lasting)
            assert not of.way_back(1).writes, (weather.kind, at, lasting)
    assert of.run() == {"password": "hunter2", "says": "hello"}
    assert settle(of, project(of, says="bye"))
    assert of.run() == {"password": "hunter2", "says": "bye"}
    of.destroy()
    return counts


def gone_back(of: Site) -> bool:
    try:
        found = of.way_back(1)
        return not found.writes or not of.perform(found, Manner("rollback", 1)).failed
    except BlockliftError:
        return False


def calls_of(
    of: Site, weather: Weather, before: Sequence[Resource], desired: Sequence[Resource]
) -> int:
    """How many calls a story takes in good weather."""
    weather.reset()
    assert settle(of, before)
    weather.reset()
    assert settle(of, desired)
    return weather.count


def healed(of: Site, weather: Weather, desired: Sequence[Resource], expected: set[str]) -> None:
    """One more deploy makes the target equal to the plan, with nothing left over."""
    told = (weather.kind, weather.at, weather.lasting)
    weather.reset()
    assert settle(of, desired), told
    assert of.keys() == expected, told
    assert not desired or not of.plan(desired).writes, told


def test_after_a_fault_one_more_deploy_reaches_the_plan(emulator: str, weather: Weather) -> None:
    counts = weathered(site(emulator, "storm", weather.url), weather, points=2)
    assert counts["failed deploys"] >= 4


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_after_a_fault_at_any_call_one_more_deploy_reaches_the_plan(
    emulator: str, weather: Weather
) -> None:
    counts = weathered(site(emulator, "tempest", weather.url), weather, points=None)
    print(counts)
    assert counts["failed deploys"] >= counts["faults"] / 3


def test_after_a_fault_one_more_rollback_reaches_the_earlier_state(
    emulator: str, weather: Weather
) -> None:
    counts = weathered_back(site(emulator, "gust", weather.url), weather, points=2)
    assert counts["failed rollbacks"] >= 1


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_after_a_fault_at_any_call_one_more_rollback_reaches_the_earlier_state(
    emulator: str, weather: Weather
) -> None:
    counts = weathered_back(site(emulator, "squall", weather.url), weather, points=None)
    print(counts)
    assert counts["failed rollbacks"] >= counts["faults"] / 3
