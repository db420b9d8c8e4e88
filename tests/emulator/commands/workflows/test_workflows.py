"""`workflows run` and `workflows check`, as a person at a prompt sees them."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from emulator.commands.workflows import main

ROOT = Path(__file__).parents[4]
GREETS = """\
main:
  params: [args]
  steps:
    - name:
        assign:
          - who: ${args.who}
    - greet:
        call: shout
        args: {text: '${"hello " + who}'}
        result: said
    - done:
        return: ${said}
shout:
  params: [text]
  steps:
    - up:
        return: ${text.to_upper(text)}
"""


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    file = tmp_path / "flow.yaml"
    file.write_text(GREETS)
    return file


class Stub(BaseHTTPRequestHandler):
    """Answers with what it was asked; calls a callback when one is named."""

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length) or b"null")
        self._answer(body)
        if isinstance(body, dict) and "callback" in body:
            request = Request(body["callback"], b'"taken"', {"Content-Type": "application/json"})
            threading.Thread(target=lambda: urlopen(request).close()).start()

    def _answer(self, body: object) -> None:
        told = {"host": self.headers["Host"], "path": self.path, "body": body}
        told["token"] = self.headers.get("Authorization")
        data = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def stub() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def run(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, str, str]:
    code = main([str(word) for word in argv])
    told = capsys.readouterr()
    return code, told.out, told.err


def written(folder: Path, text: str) -> Path:
    file = folder / "flow.yaml"
    file.write_text(text)
    return file


def test_the_result_is_on_stdout_and_the_steps_beside_it(flow: Path, capsys) -> None:
    code, out, err = run(capsys, "run", flow, "--data", '{"who": "you"}')
    assert (code, out) == (0, '"HELLO YOU"\n')
    steps = [line.split()[1:3] for line in err.splitlines()]
    assert steps == [
        ["✓", "name"],
        ["▸", "greet"],
        ["✓", "shout/up"],
        ["✓", "greet"],
        ["✓", "done"],
    ]


def test_variables_are_shown_where_they_change(flow: Path, capsys) -> None:
    _, _, err = run(capsys, "run", flow, "--data", '{"who": "you"}', "--variables")
    lines = [line.strip() for line in err.splitlines()]
    assert lines.index('who = "you"') < lines.index('said = "HELLO YOU"')
    assert lines.count('who = "you"') == 1


def test_quiet_shows_only_the_result(flow: Path, capsys) -> None:
    assert run(capsys, "run", flow, "--data", '{"who": "x"}', "--quiet") == (0, '"HELLO X"\n', "")


def test_an_error_marks_the_line_of_the_source(flow: Path, capsys) -> None:
    code, out, err = run(capsys, "run", flow, "--data", '{"whom": "you"}')
    assert (code, out) == (1, "")
    tail = err.splitlines()
    assert tail[-6].startswith('error: {"')
    assert '"KeyError"' in tail[-6]
    assert tail[-5] == f'  in step "name", routine "main": {flow}:6:18'
    assert tail[-2:] == [
        "      6 |           - who: ${args.who}",
        "        |                  ^^^^^^^^^^^",
    ]


def test_what_it_was_called_with_is_checked(flow: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "data.json").write_text('{"who": "file"}')
    assert run(capsys, "run", flow, "--data", f"@{tmp_path}/data.json")[1] == '"HELLO FILE"\n'
    for argv, told in (
        (["run", flow, "--data", "{"], "--data is not JSON"),
        (["run", flow, "--data", "@nowhere.json"], "--data @nowhere.json: No such file"),
        (["run", flow, "--set-env-vars", "A"], "--set-env-vars A: expected NAME=VALUE"),
        (["run", flow, "--hosts", tmp_path / "none.yaml"], "none.yaml"),
        (["run", tmp_path / "none.yaml"], "no such file"),
    ):
        code, _, err = run(capsys, *argv)
        assert code == 2
        assert told in err


def test_mistakes_are_found_without_running(tmp_path: Path, capsys) -> None:
    file = written(
        tmp_path, "main:\n  steps:\n    - a:\n        call: http.gett\n        next: b\n"
    )
    for verb in ("check", "run"):
        code, out, _ = run(capsys, verb, file)
        assert code == 1
        assert f"{file}:4:15: error in step a: " in out
        assert f"{file}:5:15: error in step a: " in out
        assert "    4 |         call: http.gett" in out
        assert "      |               ^^^^^^^^^" in out


def test_an_end_that_came_too_early_is_marked(tmp_path: Path, capsys) -> None:
    file = tmp_path / "flow.yaml"
    file.write_text("main:\n  steps:\n    - a: {call: http.get\n")
    code, out, _ = run(capsys, "check", file)
    assert code == 1
    assert "    3 |     - a: {call: http.get" in out
    assert out.splitlines()[-1].endswith("^")


@pytest.mark.parametrize("verb", ["run", "check"])
def test_files_that_cannot_be_read_are_named(tmp_path: Path, capsys, verb: str) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"main: \xff")
    code, _, err = run(capsys, verb, tmp_path / "binary.yaml")
    assert (code, "not UTF-8 text" in err, "at byte 6" in err) == (2, True, True)
    code, _, err = run(capsys, verb, tmp_path / "none.yaml")
    assert (code, "no such file" in err) == (2, True)


def test_check_can_be_read_by_a_program(flow: Path, tmp_path: Path, capsys) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("main: {steps: []}\n")
    code, out, _ = run(capsys, "check", flow, wrong, "--json")
    assert code == 1
    assert {row["file"] for row in json.loads(out)} == {str(wrong)}
    assert run(capsys, "check", flow) == (0, f"{flow}: no problems\n", "")


def test_http_is_really_performed(tmp_path: Path, stub: str, capsys) -> None:
    text = f"""
- ask:
    call: http.post
    args: {{url: "{stub}/a", body: {{n: 1}}}}
    result: r
- done:
    return: ${{r.body.body.n}}
"""
    code, out, err = run(capsys, "run", written(tmp_path, text), "--trace")
    assert (code, out) == (0, "1\n")
    assert f"→ ask: POST {stub}/a" in err
    assert "← ask:" in err


def test_hosts_are_mapped(tmp_path: Path, stub: str, capsys) -> None:
    (tmp_path / "hosts.yaml").write_text(f"api.example.com: {stub}/fake\n")
    text = """
- ask:
    call: http.get
    args: {url: "https://api.example.com/a", auth: {type: OIDC}}
    result: r
- done:
    return: ${r.body.path + " " + r.body.host}
"""
    argv = ("run", written(tmp_path, text), "--hosts", tmp_path / "hosts.yaml", "--quiet")
    assert run(capsys, *argv)[1] == '"/fake/a api.example.com"\n'


def test_functions_need_an_emulator(tmp_path: Path, stub: str, capsys) -> None:
    text = """
- ask:
    call: http.get
    args: {url: "https://load-1.europe-west1.run.app/a?b=1"}
    result: r
- done:
    return: ${r.body}
"""
    file = written(tmp_path, text)
    code, _, err = run(capsys, "run", file)
    assert code == 1
    assert "name a running one with --emulator URL" in err
    _, out, _ = run(capsys, "run", file, "--emulator", stub)
    told = json.loads(out)
    assert (told["host"], told["path"]) == ("load-1.europe-west1.run.app", "/a?b=1")


def test_a_callback_can_be_called(tmp_path: Path, stub: str, capsys) -> None:
    text = f"""
- open:
    call: events.create_callback_endpoint
    args: {{http_callback_method: POST}}
    result: door
- tell:
    call: http.post
    args: {{url: "{stub}/", body: {{callback: "${{door.url}}"}}}}
- wait:
    call: events.await_callback
    args: {{callback: "${{door}}", timeout: 20}}
    result: request
- done:
    return: ${{request.http_request.body}}
"""
    code, out, err = run(capsys, "run", written(tmp_path, text))
    assert (code, out) == (0, '"taken"\n'), err


def test_sys_log_and_the_environment_are_shown(tmp_path: Path, capsys) -> None:
    text = """
- say:
    call: sys.log
    args:
      text: '${sys.get_env("GREETING") + sys.get_env("GOOGLE_CLOUD_WORKFLOW_ID")}'
      severity: INFO
"""
    argv = ("run", written(tmp_path, text), "--set-env-vars", "GREETING=hi ", "--quiet")
    assert run(capsys, *argv) == (0, "null\n", "         log INFO: hi flow\n")


def in_place(file: Path, text: str) -> None:
    file.write_text(text)


def replaced(file: Path, text: str) -> None:
    """As many editors save, and `sed -i`."""
    file.with_suffix(".new").write_text(text)
    file.with_suffix(".new").replace(file)


@pytest.mark.parametrize("write", [in_place, replaced])
def test_it_runs_again_at_each_save(flow: Path, write) -> None:
    command = [sys.executable, "-m", "emulator", "workflows", "run", str(flow), "--watch"]
    process = subprocess.Popen(
        [*command, "--quiet", "--data", '{"who": "a"}'],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={"PYTHONUNBUFFERED": "1", "PATH": "/usr/bin"},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == '"HELLO A"\n'
        saves = threading.Event()

        def save() -> None:
            """Until it is seen: watching begins a moment after the first run."""
            while not saves.wait(0.2):
                write(flow, GREETS.replace("hello ", "bye "))

        saver = threading.Thread(target=save)
        saver.start()
        try:
            assert process.stdout.readline() == '"BYE A"\n'
        finally:
            saves.set()
            saver.join()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def test_a_caught_error_is_one_readable_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "flow.yaml"
    file.write_text(
        "- t:\n"
        "    try:\n"
        "      raise: {message: no luck, tags: [Mine, Other]}\n"
        "    except:\n"
        "      as: e\n"
        "      steps:\n"
        '      - note: {assign: [{x: "${e.message}"}]}\n'
        '- odd: {try: {raise: "\\ud800"}, except: {as: e, steps: [{done: {return: 1}}]}}\n'
    )
    assert main(["run", str(file), "--variables"]) == 0
    told = capsys.readouterr().err
    assert "✗ t  raise  no luck [Mine, Other]" in told
