"""The function's HTTP answers, in this process and from a bundle under functions-framework."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from tests.runtime.fakes import FakeCloud
from tests.runtime.project import BUCKET, Project

ROOT = Path(__file__).parents[2]


def test_a_cold_start_imports_nothing_that_is_dear() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import runtime.entry, runtime.trigger;"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    dear = {"ast", "dataclasses", "importlib.abc", "inspect", "linecache", "logging", "tempfile"}
    assert not dear & set(done.stdout.split())


def test_an_error_points_into_the_users_file(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.file(
        "utils/helper.py", "import json\n\ndef parse(text):\n    return json.loads(text)\n"
    )
    monkeypatch.syspath_prepend(project.home)
    code = """
    from shop.utils.helper import parse

    @data_loader
    def load(*args, **kwargs):
        return parse('{')
    """
    project.block("load", code)
    status, body = project.answer("load", attempt=3)
    failure = body["error"]
    assert status == 500
    assert (failure["file"], failure["line"]) == ("utils/helper.py", 4)
    assert (failure["type"], failure["kind"]) == ("JSONDecodeError", "exception")
    assert (failure["block"], failure["pipeline"], failure["attempt"]) == ("load", "orders", 3)
    assert failure["traceback"] == [
        "data_loaders/load.py:5 in load",
        "    return parse('{')",
        "utils/helper.py:4 in parse",
        "    return json.loads(text)",
    ]


@pytest.mark.parametrize(
    ("code", "kind", "name", "line", "message"),
    [
        ("@data_loader\ndef load():\n  return (1\n", "exception", "SyntaxError", 3, "never closed"),
        ("def load():\n    return 1\n", "input", "InputProblem", 1, "@data_loader"),
        ("@data_loader\ndef load(x):\n    return 1\n", "input", "InputProblem", 1, "takes 1 input"),
        ("@data_loader\ndef load():\n    return 1\n@test\ndef t(o):\n    assert o == 2\n", "test",
         "TestsFailed", 6, "t: assert o == 2"),
        ("import sys\n@data_loader\ndef load():\n    sys.exit(3)\n", "exception", "SystemExit", 4,
         "3"),
        ("import nowhere_to_be_found\n", "exception", "ModuleNotFoundError", 1, "nowhere"),
        ("from mage_ai.io.airtable import Airtable\n@data_loader\ndef load():\n    Airtable('t')\n",
         "settings", "MissingLibrary", 4, "requirements.txt"),
        ("from mage_ai.nothing import x\n", "exception", "ModuleNotFoundError", 1, "not available"),
    ],
)  # fmt: skip
def test_mistakes_and_where_they_are(
    project: Project, code: str, kind: str, name: str, line: int, message: str
) -> None:
    from runtime import alias

    alias.install()
    project.block("load", code)
    status, body = project.answer("load")
    failure = body["error"]
    assert (status, failure["kind"], failure["type"]) == (500, kind, name)
    assert (failure["file"], failure["line"]) == ("data_loaders/load.py", line)
    assert message in failure["message"]


def test_a_secret_in_a_message_is_blotted_out(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_PASSWORD", "battery-staple")
    project.block(
        "load", "@data_loader\ndef load():\n    raise ValueError('with battery-staple')\n"
    )
    _, body = project.answer("load")
    assert body["error"]["message"] == "with ***"


def test_a_block_without_rights_is_told_so(project: Project) -> None:
    project.cloud.refuse = lambda method, _path: 403 if method == "POST" else None
    project.block("load", "@data_loader\ndef load():\n    return 1\n")
    status, body = project.answer("load")
    assert (status, body["error"]["kind"]) == (500, "settings")
    assert "writing gs://bucket/runs/shop/" in body["error"]["message"]


# -- from a bundle, under functions-framework -------------------------------------------------


@contextmanager
def served(project: Project, uuid: str, folder: Path, cloud: FakeCloud) -> Iterator[str]:
    """The block's bundle, unpacked and served as Cloud Run would."""
    shutil.copytree(ROOT / "runtime", folder / "runtime", ignore=shutil.ignore_patterns("__pyc*"))
    shutil.copytree(project.root, folder / "project" / project.name)
    (folder / "main.py").write_text("from runtime.entry import handle as block\n")
    (folder / "block.json").write_text(json.dumps(project.specs[uuid].to_json()))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"], "PORT": str(port), "FUNCTION_TARGET": "block",
        "FUNCTION_SIGNATURE_TYPE": "http", "LOG_EXECUTION_ID": "true",
        "API_ENDPOINT_OVERRIDE": cloud.url, "GCE_METADATA_HOST": f"{cloud.address}/md/block",
        "GOOGLE_CLOUD_PROJECT": "blocklift-local",
    }  # fmt: skip
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "functions_framework"],
            cwd=folder, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        _wait(port, process, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def test_a_bundle_answers_over_http(project: Project, tmp_path: Path) -> None:
    project.file("utils/words.py", "GREETING = 'hello'\n")
    project.file("greetings.txt", "from a file")
    code = """
    import sys
    from threading import Thread
    from mage_ai.settings.repo import get_repo_path
    from shop.utils.words import GREETING

    @data_loader
    def load(*args, **kwargs):
        print(GREETING)
        thread = Thread(target=print, args=('from a thread',))
        thread.start()
        thread.join()
        kwargs['logger'].warning('careful', rows=3)
        assert 'pandas' not in sys.modules
        return open('shop/greetings.txt').read(), open(get_repo_path() + '/greetings.txt').read()
    """
    project.block("load", code)
    folder = tmp_path / "bundle"
    with served(project, "load", folder, project.cloud) as url:
        http = urllib3.PoolManager()
        assert http.request("GET", url).status == 405
        assert http.request("POST", url, body=b"[]").status == 400
        reply = http.request(
            "POST", url, json={"run": "run-1", "bucket": BUCKET},
            headers={"X-Cloud-Trace-Context": "abc123/1;o=1"},
        )  # fmt: skip
        http.clear()
        assert reply.status == 200, (reply.data, (folder / "log").read_text())
    assert reply.json()["outputs"] == 2
    assert project.outputs("load") == ["from a file", "from a file"]
    records = [
        json.loads(line) for line in (folder / "log").read_text().splitlines() if line[:1] == "{"
    ]
    ours = [r for r in records if r.get("logging.googleapis.com/labels", {}).get("blocklift_run")]
    said = [(r["severity"], r["message"]) for r in ours]
    assert said[:3] == [
        ("INFO", "hello"), ("INFO", "from a thread"), ("WARNING", "careful"),
    ]  # fmt: skip
    assert ours[2]["rows"] == 3
    assert ours[0]["logging.googleapis.com/trace"] == "projects/blocklift-local/traces/abc123"
    labels = ours[0]["logging.googleapis.com/labels"]
    assert (labels["blocklift_pipeline"], labels["blocklift_block"]) == ("orders", "load")


def test_a_long_block_runs_as_a_job(project: Project, tmp_path: Path) -> None:
    project.block("load", "@data_loader\ndef load():\n    return 1\n")
    folder = tmp_path / "bundle"
    shutil.copytree(ROOT / "runtime", folder / "runtime", ignore=shutil.ignore_patterns("__pyc*"))
    shutil.copytree(project.root, folder / "project" / project.name)
    (folder / "block.json").write_text(json.dumps(project.specs["load"].to_json()))
    request = json.dumps(project.request().to_json())
    environment = os.environ | {"BLOCKLIFT_REQUEST": request}
    job = subprocess.run(
        [sys.executable, "-m", "runtime.job"], cwd=folder, env=environment,
        capture_output=True, check=False,
    )  # fmt: skip
    assert job.returncode == 0, job.stderr
    assert project.outputs("load") == [1]
