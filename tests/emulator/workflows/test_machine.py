"""The machine as a driver sees it: requests out, replies in, an outcome at the end."""

from __future__ import annotations

import json
from typing import Any

from emulator.workflows.effects import Failed, HttpCall, Now, Outcome, Reply, Sleep, Succeeded
from emulator.workflows.limits import OFF, STRICT
from emulator.workflows.machine import execute
from emulator.workflows.parse import parse
from tests.emulator.workflows.playing import play

COUNT = """
- start: {assign: [{x: 0}]}
- loop:
    for:
      value: v
      range: [1, %d]
      steps:
        - add: {assign: [{x: "${x + v}"}]}
- done: {return: "${x}"}
"""


def test_asks_for_http_and_goes_on_with_the_reply() -> None:
    machine = execute(
        parse("""
- get:
    call: http.get
    args: {url: "https://a.run.app/x", query: {n: 1}, auth: {type: OIDC}}
    result: r
- done: {return: "${r.body.n + 1}"}
"""),
        None,
        {},
    )
    (request,) = next(machine).requests
    assert (request.id, request.step, request.routine) == (0, "get", "main")
    assert isinstance(request.effect, HttpCall)
    assert request.effect.auth == {"type": "OIDC", "audience": "https://a.run.app/x"}
    try:
        machine.send(Reply(0, {"code": 200, "headers": {}, "body": {"n": 41}}))
    except StopIteration as stop:
        assert stop.value == Succeeded(42)


def test_pauses_in_long_stretches_and_counts_steps() -> None:
    machine = execute(parse(COUNT % 49_990), None, {})
    pauses = 0
    try:
        while True:
            assert machine.send(None).paused
            pauses += 1
    except StopIteration as stop:
        assert stop.value == Succeeded(49_990 * 49_991 // 2)
    assert pauses == 19


def test_the_step_limit_ends_the_execution() -> None:
    outcome = play(COUNT % 60_000)
    assert isinstance(outcome, Failed)
    assert json.loads(outcome.payload)["tags"] == ["ResourceLimitError"]
    assert play(COUNT % 60_000, limits=OFF) == Succeeded(60_000 * 60_001 // 2)


def test_twenty_branches_run_at_once_and_the_others_queue() -> None:
    machine = execute(
        parse("""
- all:
    parallel:
      for:
        value: v
        range: [1, 50]
        steps:
          - nap: {call: sys.sleep, args: {seconds: 1}}
"""),
        None,
        {},
    )
    opened = list(next(machine).requests)
    assert len(opened) == STRICT.threads
    done = 0
    while opened:
        request = opened.pop()
        done += 1
        try:
            opened += machine.send(Reply(request.id, None)).requests
        except StopIteration as stop:
            assert stop.value == Succeeded(None)
        assert len(opened) <= STRICT.threads
    assert done == 50


def test_nested_parallel_steps_cannot_starve_one_another() -> None:
    outcome = play("""
main:
  steps:
    - init: {assign: [{n: 0}]}
    - outer:
        parallel:
          shared: [n]
          for:
            value: a
            range: [1, 30]
            steps:
              - inner:
                  parallel:
                    shared: [n]
                    for:
                      value: b
                      range: [1, 30]
                      steps:
                        - nap: {call: sys.sleep, args: {seconds: 1}}
                        - add: {assign: [{n: "${n + 1}"}]}
    - done: {return: "${n}"}
""")
    assert outcome == Succeeded(900)


def test_the_same_replies_give_the_same_requests() -> None:
    source = """
- all:
    parallel:
      for:
        value: v
        range: [1, 9]
        steps:
          - a: {assign: [{t: "${sys.now()}"}, {u: "${uuid.generate()}"}]}
          - b: {call: http.post, args: {url: "http://x/", body: "${u}"}, result: r}
"""

    def answer(request: Any) -> Any:
        if isinstance(request.effect, Now):
            return 1.5
        return {"code": 200, "body": request.id} if isinstance(request.effect, HttpCall) else "u"

    runs = []
    for _ in range(2):
        asked: list[Any] = []
        play(source, None, answer, asked=asked)
        runs.append(asked)
    assert runs[0] == runs[1]
    assert [request.id for request in runs[0]] == list(range(27))


def test_a_retry_really_waits() -> None:
    asked: list[Any] = []
    outcome = play(
        """
- t:
    try: {call: http.get, args: {url: "http://x"}}
    retry: ${http.default_retry}
""",
        None,
        lambda r: {"code": 503, "body": "no"} if isinstance(r.effect, HttpCall) else None,
        asked=asked,
    )
    assert isinstance(outcome, Failed)
    assert json.loads(outcome.payload)["code"] == 503
    delays = [r.effect.seconds for r in asked if isinstance(r.effect, Sleep)]
    assert delays == [1, 1.25, 1.25**2, 1.25**3, 1.25**4]


def test_an_error_says_where() -> None:
    outcome = play("""
main:
  steps:
    - outer:
        call: sub
sub:
  steps:
    - wrong:
        return: ${1 in null}
""")
    assert isinstance(outcome, Failed)
    assert outcome.context.splitlines() == [
        "The argument of 'in' must be a dict or an array; got: null",
        'in step "wrong", routine "sub", line: 9',
        'in step "outer", routine "main", line: 5',
    ]
    assert [(f.line, f.column, f.length) for f in outcome.stack] == [(9, 17, 12), (5, 15, 3)]


class Diary:
    """An observer that writes everything down."""

    hears_calls = True

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.calls: list[Any] = []

    def started(self, step: Any, thread: Any, iteration: int | None) -> None:
        number = "" if iteration is None else f" {iteration}"
        self.lines.append(f"{thread.id} + {step.name} {step.kind[5:]}{number}")

    def called(self, step: Any, thread: Any, callee: str, arguments: Any) -> None:
        self.calls.append((step.name, callee, dict(arguments)))

    def answered(self, step: Any, thread: Any, value: Any) -> None:
        self.calls.append((step.name, value))

    def ended(self, step: Any, thread: Any) -> None:
        self.lines.append(f"{thread.id} - {step.name} {step.kind[5:]}")

    def failed(self, step: Any, thread: Any, payload: str) -> None:
        self.lines.append(f"{thread.id} ! {step.name} {step.kind[5:]} {payload}")


def test_an_observer_sees_steps_open_and_close_like_brackets() -> None:
    diary = Diary()
    play(
        """
main:
  steps:
    - t:
        try:
          steps:
            - l:
                for:
                  value: v
                  in: [1, 2]
                  steps:
                    - c: {call: sub, args: {v: "${v}"}}
        except:
          as: e
          steps:
            - h: {assign: [{x: "${uuid.generate()}"}]}
sub:
  params: [v]
  steps:
    - s:
        switch:
          - condition: ${v == 2}
            raise: two
""",
        observer=diary,
    )
    assert diary.lines == [
        "0 + t TRY_RETRY_EXCEPT",
        "0 + t TRY 0",
        "0 + l FOR",
        "0 + l FOR_ITERATION 0",
        "0 + c SUBWORKFLOW_CALL",
        "0 + s SWITCH",
        "0 - s SWITCH",
        "0 - c SUBWORKFLOW_CALL",
        "0 - l FOR_ITERATION",
        "0 + l FOR_ITERATION 1",
        "0 + c SUBWORKFLOW_CALL",
        "0 + s SWITCH",
        "0 + s CONDITION",
        "0 + s RAISE",
        '0 ! s RAISE "two"',
        '0 ! s CONDITION "two"',
        '0 ! s SWITCH "two"',
        '0 ! c SUBWORKFLOW_CALL "two"',
        '0 ! l FOR_ITERATION "two"',
        '0 ! l FOR "two"',
        '0 ! t TRY "two"',
        "0 + t EXCEPT",
        "0 + h ASSIGN",
        "0 - h ASSIGN",
        "0 - t EXCEPT",
        "0 - t TRY_RETRY_EXCEPT",
    ]


class Peeker:
    """Looks at what a thread can see when a step of a certain name begins."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.seen: list[Any] = []
        self.hears_calls = False

    def started(self, step: Any, thread: Any, iteration: int | None) -> None:
        if step.name == self.name and step.kind == "STEP_ASSIGN":
            routes = [f"{info.routine}.{info.name}" for info in thread.current()]
            self.seen.append((thread.branch, routes, thread.variables()))

    def ended(self, step: Any, thread: Any) -> None: ...

    def failed(self, step: Any, thread: Any, payload: str) -> None: ...


def test_an_observer_may_look_at_variables_and_the_way_here() -> None:
    peeker = Peeker("look")
    play(
        """
main:
  steps:
    - a: {assign: [{x: 1}]}
    - p:
        parallel:
          shared: [x]
          branches:
            - left: {steps: [{c: {call: s, args: {n: 5}}}]}
            - right: {steps: [{y: {assign: [{z: 2}]}}, {look: {assign: [{x: 3}]}}]}
s:
  params: [n]
  steps:
    - l: {for: {value: v, in: [7], steps: [{look: {assign: [{w: 1}]}}]}}
""",
        observer=peeker,
    )
    assert peeker.seen == [
        ("left", ["main.c", "s.look"], {"n": 5, "v": 7}),
        ("right", ["main.look"], {"x": 1, "z": 2}),
    ]


def test_a_value_nested_too_deeply_ends_the_execution() -> None:
    outcome = play("""
- a: {assign: [{l: []}]}
- o: {for: {value: v, range: [1, 2000], steps: [{b: {assign: [{l: "${[l]}"}]}}]}}
""")
    assert isinstance(outcome, Failed)
    assert json.loads(outcome.payload)["tags"] == ["ResourceLimitError"]


def test_the_steps_that_a_reply_took_count_towards_the_limit() -> None:
    program = parse("- wait:\n    call: googleapis.storage.v1.buckets.get\n    args: {bucket: b}\n")

    def outcome(steps: int) -> Outcome:
        machine = execute(program, None, {})
        (request,) = machine.send(None).requests
        try:
            machine.send(Reply(request.id, {}, steps))
        except StopIteration as end:
            return end.value
        raise AssertionError("it goes on")

    assert outcome(99_000) == Succeeded(None)
    failed = outcome(100_000)
    assert isinstance(failed, Failed)
    assert "Step limit exceeded" in failed.payload


CALLING = """
main:
  steps:
    - ask:
        call: http.get
        args: {url: "https://example.com", query: {a: "${1 + 1}"}}
        result: reply
    - own: {call: half, args: {of: 8}, result: four}
    - say: {call: sys.log, args: {text: hello}}
    - wait: {call: retry.always, args: {error: null}, result: ignored}
    - bad: {call: text.to_upper, args: {source: "${four}"}}
half:
  params: [of, {by: 2}]
  steps:
    - done: {return: "${of // by}"}
"""


def reply_of(effect: Any) -> Any:
    return {"code": 200, "headers": {}, "body": None} if isinstance(effect, HttpCall) else None


def test_an_observer_hears_with_what_is_called_and_what_comes_back() -> None:
    diary = Diary()
    play(CALLING, answer=lambda request: reply_of(request.effect), observer=diary)
    asked, reply, own, four, say, said, *_ = diary.calls
    assert asked[:2] == ("ask", "http.get")
    assert (asked[2]["url"], asked[2]["query"]) == ("https://example.com", {"a": 2})
    assert (reply[0], reply[1]["code"]) == ("ask", 200)
    assert own == ("own", "half", {"of": 8})
    assert four == ("own", 4)
    assert (say[2]["text"], said) == ("hello", ("say", None))
    assert diary.calls[-1][:2] == ("bad", "text.to_upper")
