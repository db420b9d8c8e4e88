"""Functions that are really built and served: who may call them, and all the ways to end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from typing import Any

import pytest

from emulator.cloud import Call
from emulator.host.errors import StartError
from emulator.host.front import Patience
from emulator.host.records import SecretVariable, uri_of

HELLO = "def hello(request):\n    return 'hello'\n"


def test_answers_whoever_holds_the_invoker_role(hosted: Any) -> None:
    async def story(p: Any) -> None:
        service = await p.deploy("hello", HELLO)
        assert (await p.call(service)).body == b"hello"
        anonymous = await p.host.call(service, Call("GET", "/", {}), 60)
        assert anonymous.code == 403
        assert b"does not have permission to get URL" in anonymous.body
        stranger = p.token(service, "stranger@blocklift-local.iam.gserviceaccount.com")
        assert (await p.call(service, authorization=stranger)).code == 403
        assert (await p.call(service, authorization="Bearer x.y.z")).code == 401
        elsewhere = p.token(f"{service}-else")
        assert (await p.call(service, authorization=elsewhere)).code == 401

    hosted(story)


def test_running_processes_are_told_of(hosted: Any) -> None:
    async def story(p: Any) -> None:
        service = await p.deploy("hello", HELLO)
        await p.call(service)
        (one,) = p.host.processes()
        assert one["service"] == service
        assert one["requests"] == 0
        assert one["memory"] > 1_000_000
        os.kill(one["pid"], 0)

    hosted(story)


def test_a_public_service_answers_everybody(hosted: Any) -> None:
    async def story(p: Any) -> None:
        service = await p.deploy("hello", HELLO)
        binding = {"role": "roles/run.invoker", "members": ["allUsers"]}
        p.cloud.access.set_policy(service, {"bindings": [binding]})
        assert (await p.host.call(service, Call("GET", "/", {}), 60)).code == 200

    hosted(story)


def test_an_internal_service_is_not_there_for_the_outside(hosted: Any) -> None:
    async def story(p: Any) -> None:
        service = await p.deploy("hello", HELLO, ingress="ALLOW_INTERNAL_ONLY")
        call = Call("GET", "/", {"authorization": p.token(service)})
        assert (await p.host.call_from_outside(service, call)).code == 404
        assert (await p.call(service)).code == 200

    hosted(story)


ECHO = """
import json, os
def hello(request):
    return json.dumps({
        'method': request.method, 'path': request.path, 'args': request.args.to_dict(),
        'json': request.get_json(silent=True), 'headers': dict(request.headers),
        'environment': dict(os.environ), 'cwd': os.getcwd(),
    })
"""


def test_the_request_arrives_as_it_was_sent(hosted: Any) -> None:
    async def story(p: Any) -> None:
        service = await p.deploy("hello", ECHO)
        answer = await p.call(
            service, b'{"a": 1}', "/x/%C3%A9?q=1&r=%20", **{"content-type": "application/json"}
        )
        seen = json.loads(answer.body)
        assert (seen["method"], seen["path"]) == ("POST", "/x/é")
        assert (seen["args"], seen["json"]) == ({"q": "1", "r": " "}, {"a": 1})
        assert seen["headers"]["Authorization"].endswith(".SIGNATURE_REMOVED_BY_GOOGLE")
        assert seen["headers"]["Host"] == uri_of(service).removeprefix("https://")
        assert "X-Cloud-Trace-Context" in seen["headers"]

    hosted(story)


def test_the_environment_is_googles_and_nothing_of_the_shell(
    hosted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the user's shell")

    async def story(p: Any) -> None:
        service = await p.deploy("hello", ECHO, variables={"MODE": "test"})
        seen = json.loads((await p.call(service)).body)
        environment = seen["environment"]
        assert "AWS_SECRET_ACCESS_KEY" not in environment
        assert environment["MODE"] == "test"
        assert environment["K_SERVICE"] == "hello"
        assert environment["K_REVISION"] == "hello-00001-abc"
        assert environment["FUNCTION_TARGET"] == "hello"
        assert environment["GOOGLE_CLOUD_PROJECT"] == "blocklift-local"
        assert environment["GCE_METADATA_HOST"].startswith("127.0.0.1:9090/md/hello")
        assert seen["cwd"] == str(p.host.workshop.source(p.host.records.serving(service).source))

    hosted(story)


def test_a_secret_that_cannot_be_read_keeps_it_from_starting(hosted: Any) -> None:
    async def story(p: Any) -> None:
        secret = SecretVariable("TOKEN", "blocklift-local", "token", "latest")
        with pytest.raises(StartError, match="token"):
            await p.deploy("hello", ECHO, secrets=(secret,))

    hosted(story)


def test_a_function_that_takes_too_long_is_cut_off_and_ended(hosted: Any) -> None:
    source = (
        "import os, time\n"
        "def hello(request):\n"
        "    if request.data: time.sleep(60)\n"
        "    return str(os.getpid())\n"
    )

    async def story(p: Any) -> None:
        service = await p.deploy("hello", source, timeout=0.2)
        before = (await p.call(service)).body
        late = await p.call(service, b"sleep")
        assert (late.code, late.body) == (504, b"upstream request timeout")
        assert (await p.call(service)).body != before
        assert "maximum request timeout" in p.logs.text("varlog%2Fsystem")

    hosted(story)


def test_a_caller_without_patience_does_not_stop_the_function(hosted: Any) -> None:
    source = (
        "import time\n"
        "def hello(request):\n"
        "    if request.data: time.sleep(0.3)\n"
        "    print('finished')\n"
        "    return 'ok'\n"
    )

    async def story(p: Any) -> None:
        service = await p.deploy("hello", source, timeout=30, max_instances=1)
        with pytest.raises(TimeoutError):
            await p.call(service, b"sleep", timeout=0.05)
        assert (await p.call(service)).body == b"ok"
        assert p.logs.text().count("finished") == 2

    hosted(story)


def test_a_death_in_the_middle_of_a_call_harms_no_neighbour(hosted: Any) -> None:
    source = (
        "import os, signal\n"
        "def hello(request):\n"
        "    if request.data: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return 'hello'\n"
    )

    async def story(p: Any) -> None:
        service = await p.deploy("hello", source)
        neighbour = await p.deploy("other", HELLO)
        assert (await p.call(service, b"die")).code == 503
        assert "Container terminated on signal 9." in p.logs.text("varlog%2Fsystem")
        assert (await p.call(neighbour)).code == 200
        assert (await p.call(service)).code == 200

    hosted(story)


def test_a_function_that_exits_by_itself(hosted: Any) -> None:
    async def story(p: Any) -> None:
        service = await p.deploy("hello", "import os\ndef hello(request):\n    os._exit(3)\n")
        assert (await p.call(service)).code == 503
        assert "Container called exit(3)." in p.logs.text("varlog%2Fsystem")

    hosted(story)


def test_an_exception_is_500_and_its_traceback_one_entry(hosted: Any) -> None:
    async def story(p: Any) -> None:
        service = await p.deploy("hello", "def hello(request):\n    return {}['missing']\n")
        assert (await p.call(service)).code == 500
        [entry] = [e for e in p.logs.of("stderr") if "KeyError" in e["textPayload"]]
        assert entry["severity"] == "ERROR"
        assert 'main.py", line 2, in hello' in entry["textPayload"]

    hosted(story)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import nothing_of_that_name\n" + HELLO, "No module named 'nothing_of_that_name'"),
        ("raise RuntimeError('not today')\n" + HELLO, "RuntimeError: not today"),
        ("def other(request):\n    pass\n", "hello"),
        ("import sys\nsys.exit(4)\n", "SystemExit: 4"),
    ],
)
def test_what_does_not_start_says_why_in_the_log(hosted: Any, source: str, said: str) -> None:
    async def story(p: Any) -> None:
        with pytest.raises(StartError):
            await p.deploy("hello", source)
        assert said in p.logs.text("stderr")

    hosted(story)


def test_a_failed_deployment_leaves_the_old_revision_serving(hosted: Any) -> None:
    async def story(p: Any) -> None:
        service = await p.deploy("hello", HELLO)
        with pytest.raises(StartError):
            await p.deploy("hello", "raise ValueError\n", number=2)
        assert (await p.call(service)).body == b"hello"

    hosted(story)


def test_a_new_revision_takes_over_while_the_old_one_finishes(hosted: Any) -> None:
    slow = "import time\ndef hello(request):\n    time.sleep(0.5)\n    return 'old'\n"

    async def story(p: Any) -> None:
        service = await p.deploy("hello", slow)
        running = asyncio.create_task(p.call(service))
        while not p.host._pool(p.host.records.serving(service))._instances[0].busy:
            await asyncio.sleep(0)
        await p.deploy("hello", HELLO, number=2)
        assert (await p.call(service)).body == b"hello"
        assert (await running).body == b"old"

    hosted(story)


def test_what_is_too_large_is_refused_both_ways(hosted: Any) -> None:
    source = "def hello(request):\n    return b'x' * int(request.args.get('n', 0))\n"

    async def story(p: Any) -> None:
        service = await p.deploy("hello", source)
        limit = 32 << 20
        assert (await p.call(service, b"x" * limit)).code == 200
        assert (await p.call(service, b"x" * (limit + 1))).code == 413
        assert len((await p.call(service, path=f"/?n={limit}")).body) == limit
        assert (await p.call(service, path=f"/?n={limit + 1}")).code == 500

    hosted(story)


def test_who_takes_more_memory_than_configured_is_ended(hosted: Any) -> None:
    source = (
        "import time\n"
        "def hello(request):\n"
        "    if request.data:\n"
        "        much = b'x' * (256 << 20)\n"
        "        time.sleep(30)\n"
        "    return 'ok'\n"
    )

    async def story(p: Any) -> None:
        service = await p.deploy("hello", source, memory=256 << 20)
        assert (await p.call(service, b"much")).code == 503
        assert "Memory limit of 256 MiB exceeded" in p.logs.text("varlog%2Fsystem")
        assert (await p.call(service)).code == 200

    hosted(story)


def test_of_many_idle_instances_the_oldest_end_first(hosted: Any) -> None:
    source = "import os\ndef hello(request):\n    return str(os.getpid())\n"

    async def story(p: Any) -> None:
        services = [await p.deploy(f"f{number}", source) for number in range(3)]
        pids = [int((await p.call(service)).body) for service in services]
        while is_running(pids[0]):
            await asyncio.sleep(0.01)
        assert [is_running(pid) for pid in pids] == [False, True, True]

    hosted(story, Patience(resting=2))


PIDS = "import os, time\ndef hello(request):\n    time.sleep(0.2)\n    return str(os.getpid())\n"


def test_concurrency_decides_how_many_processes_there_are(hosted: Any) -> None:
    async def story(p: Any) -> None:
        alone = await p.deploy("alone", PIDS)
        shared = await p.deploy("shared", PIDS, concurrency=4)
        for service, processes in ((alone, 4), (shared, 1)):
            answers = await asyncio.gather(*(p.call(service) for _ in range(4)))
            assert len({answer.body for answer in answers}) == processes

    hosted(story)


def test_beyond_the_last_instance_requests_wait_and_then_hear_429(hosted: Any) -> None:
    async def story(p: Any) -> None:
        service = await p.deploy("hello", PIDS.replace("0.2", "0.4"), max_instances=1)
        answers = await asyncio.gather(*(p.call(service) for _ in range(3)))
        assert sorted(answer.code for answer in answers) == [200, 200, 429]
        assert {answer.body for answer in answers if answer.code == 429} == {b"Rate exceeded."}

    hosted(story, Patience(queue=0.6))


def test_idle_instances_end_and_the_next_call_starts_one(hosted: Any) -> None:
    source = "import os\ndef hello(request):\n    return str(os.getpid())\n"

    async def story(p: Any) -> None:
        service = await p.deploy("hello", source)
        first = int((await p.call(service)).body)
        while is_running(first):
            await asyncio.sleep(0.01)
        assert int((await p.call(service)).body) != first
        assert "Container" not in p.logs.text("varlog%2Fsystem")

    hosted(story, Patience(idle=0.1))


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_services_outlive_the_host(hosted: Any) -> None:
    async def first(p: Any) -> None:
        await p.deploy("hello", HELLO)

    async def second(p: Any) -> None:
        [record] = p.host.records.services()
        assert (await p.call(record["name"])).body == b"hello"

    hosted(first, alone=True)
    hosted(second, alone=True)


def test_a_zygote_that_dies_is_replaced(hosted: Any) -> None:
    async def story(p: Any) -> None:
        service = await p.deploy(
            "hello", "import os\ndef hello(r):\n    return str(os.getppid())\n"
        )
        zygote = int((await p.call(service)).body)
        os.kill(zygote, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while (answer := await p.call(service)).code == 503 or int(answer.body) == zygote:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)

    hosted(story)


def test_a_removed_service_is_gone_with_its_processes(hosted: Any) -> None:
    async def story(p: Any) -> None:
        service = await p.deploy("hello", "import os\ndef hello(r):\n    return str(os.getpid())\n")
        pid = int((await p.call(service)).body)
        await p.host.remove(service)
        assert not is_running(pid)
        assert (await p.call(service)).code == 404

    hosted(story)


LOGS = r"""
import json, sys
def hello(request):
    print('plain')
    print(json.dumps({'severity': 'WARNING', 'message': 'structured', 'rows': 3,
                      'logging.googleapis.com/labels': {'blocklift_run': 'r1'}}))
    print('to stderr', file=sys.stderr)
    sys.stdout.write('without an end')
    return 'ok'
"""


def test_what_it_prints_is_logged_before_it_answers(hosted: Any) -> None:
    async def story(p: Any) -> None:
        service = await p.deploy("hello", LOGS)
        assert (await p.call(service)).code == 200
        plain, structured = p.logs.of("stdout")
        assert plain["textPayload"] == "plain"
        assert structured["severity"] == "WARNING"
        assert structured["jsonPayload"] == {"message": "structured", "rows": 3}
        assert structured["labels"]["blocklift_run"] == "r1"
        assert structured["resource"]["labels"]["service_name"] == "hello"
        assert [e["textPayload"] for e in p.logs.of("stderr")] == ["to stderr"]
        [request] = p.logs.of("requests")
        assert request["httpRequest"]["status"] == 200

    hosted(story)


def test_only_what_requirements_bring_can_be_imported(hosted: Any) -> None:
    source = "import duckdb\n" + HELLO

    async def story(p: Any) -> None:
        with pytest.raises(StartError, match="No module named 'duckdb'"):
            await p.deploy("hello", source)
        assert "requirements.txt does not ask for it" in p.logs.text("stderr")
        files = {"main.py": source, "requirements.txt": "duckdb\n"}
        assert (await p.call(await p.deploy("hello", files))).code == 200

    hosted(story)


def test_what_was_imported_for_others_is_not_there_either(hosted: Any) -> None:
    source = "import requests, yaml\ndef hello(r):\n    return f'{requests.codes.ok}'\n"

    async def story(p: Any) -> None:
        with pytest.raises(StartError, match="No module named 'requests'"):
            await p.deploy("hello", source)
        files = {"main.py": source, "requirements.txt": "requests\npyyaml\n"}
        assert (await p.call(await p.deploy("hello", files))).body == b"200"

    hosted(story)


def test_psycopg_without_its_binary_part_is_as_poor_as_in_the_cloud(hosted: Any) -> None:
    source = "import psycopg\ndef hello(r):\n    return psycopg.pq.__impl__\n"

    async def story(p: Any) -> None:
        files = {"main.py": source, "requirements.txt": "psycopg[binary]\n"}
        assert (await p.call(await p.deploy("hello", files))).body == b"binary"
        poor = {"main.py": source, "requirements.txt": "psycopg\n"}
        try:
            answer = await p.call(await p.deploy("poor", poor))
        except StartError:
            return  # no libpq on this machine, as in Google's image
        assert answer.body == b"python"

    hosted(story)


def test_nothing_of_the_emulator_can_be_imported(hosted: Any) -> None:
    source = (
        "import importlib\n"
        "def hello(request):\n"
        "    found = []\n"
        "    for name in ('emulator', 'deployer', 'runtime', 'blocklift', 'starlette.routing'):\n"
        "        try:\n"
        "            importlib.import_module(name)\n"
        "            found.append(name)\n"
        "        except ModuleNotFoundError:\n"
        "            pass\n"
        "    return ' '.join(found)\n"
    )

    async def story(p: Any) -> None:
        answer = await p.call(await p.deploy("hello", source))
        assert answer.body == b"starlette.routing"  # functions-framework brings it

    hosted(story)


TABLE = """
import io, threading
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
def hello(request):
    packed = io.BytesIO()
    table = pd.DataFrame({'n': range(200_000), 'text': 'x'})
    table.to_parquet(packed)
    square = np.ones((200, 200)) @ np.ones((200, 200))
    return f'{len(pd.read_parquet(packed))} {square[0, 0]:g} {np.random.random()}'
"""


def test_pandas_and_parquet_work_in_forked_processes(hosted: Any) -> None:
    async def story(p: Any) -> None:
        files = {"main.py": TABLE, "requirements.txt": "pandas\npyarrow\n"}
        service = await p.deploy("hello", files)
        answers = await asyncio.gather(*(p.call(service) for _ in range(4)))
        said = [answer.body.decode().split() for answer in answers]
        assert [words[:2] for words in said] == [["200000", "200"]] * 4
        assert len({words[2] for words in said}) == 4, "siblings drew the same random numbers"

    hosted(story)


def test_googles_clients_see_the_functions_own_metadata_server(hosted: Any) -> None:
    source = (
        "from google.cloud import storage\n"
        "from google.auth.compute_engine import _metadata\n"
        "def hello(request):\n"
        "    return _metadata._GCE_METADATA_HOST\n"
    )

    async def story(p: Any) -> None:
        files = {"main.py": source, "requirements.txt": "google-cloud-storage\n"}
        answer = await p.call(await p.deploy("hello", files))
        assert answer.body.startswith(b"127.0.0.1:9090/md/hello")

    hosted(story)


ASYNCHRONOUS = """
import asyncio
import functions_framework.aio

@functions_framework.aio.http
async def hello(request):
    await asyncio.sleep(0)
    return f"{request.method} {request.url.path} {(await request.body()).decode()}"
"""


def test_asynchronous_functions_are_served_too(hosted: Any) -> None:
    async def story(p: Any) -> None:
        service = await p.deploy("hello", ASYNCHRONOUS)
        answer = await p.call(service, b"body", "/a/b?c=d")
        assert (answer.code, answer.body) == (200, b"POST /a/b body")

    hosted(story)
