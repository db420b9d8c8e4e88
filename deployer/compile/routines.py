"""The subworkflows that a definition calls: how one block is called, once and for all.

Each is built as plain data. A step costs money (Workflows: "Pricing"), so a block that needs
nothing special is one `call` of `call_block`.

call_block      post a BlockRequest to the block's function; its answer
run_job         the same as a Cloud Run job, for what takes longer than 30 minutes
…_retried       one of them again and again, by the block's retry_config
sense…          one of them until a sensor no longer answers `waiting`
checked_…       one of them, if the blocks above allow it; a failure becomes an answer
gate            only whether the blocks above allow it
notify          a callback: as call_block, but its failure is only logged
nap             wait a moment, a little longer each time
never_started   whether an error proves that the block did not begin

Where a trigger has a timeout, `limited`, each call asks `in_time` (`compile.turns`) how long it
may take.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deployer.dag.naps import LONGEST_NAP, NAP_GROWTH

Json = Any
Steps = list[dict[str, Json]]
Routine = dict[str, Json]

HTTP_TIMEOUT = 1800
"""Workflows: the longest that an HTTP call may take."""
YEAR = 31_536_000
NEVER_STARTED_RETRIES = 8
JOB_SLACK = 600
"""Seconds for a job to start, beyond its own timeout."""
REQUEST_VARIABLE = "BLOCKLIFT_REQUEST"
"""Environment variable that carries a job's BlockRequest as JSON."""

REQUEST = "map.merge(context, default(more, context))"
"""The BlockRequest: what all blocks of the run share, and what this call adds."""
COMMON: tuple[Json, ...] = ("service", "context", {"timeout": HTTP_TIMEOUT}, {"more": None})
REPEAT = ("retries", "delay", "multiplier")


def routine(params: Sequence[Json], *steps: dict[str, Json]) -> Routine:
    """Required parameters first."""
    required = [param for param in params if isinstance(param, str)]
    optional = [param for param in params if not isinstance(param, str)]
    return {"params": required + optional, "steps": list(steps)}


def passed(inner: Routine, **other: Json) -> dict[str, Json]:
    """Arguments that hand every parameter on to `inner`, but for those given here."""
    names = [next(iter(p)) if isinstance(p, dict) else p for p in inner["params"]]
    return {name: other.get(name, f"${{{name}}}") for name in names}


def _left(limited: bool) -> Steps:
    """The call's timeout, shortened to what is left of the run's."""
    args = {"seconds": "${timeout}", "context": "${context}"}
    return [{"left": {"call": "in_time", "args": args, "result": "timeout"}}] if limited else []


def _late(limited: bool) -> dict[str, Json]:
    """What a failure that the run's end brought about leads to."""
    end = {"call": "end_late", "args": {"context": "${context}"}}
    steps: Steps = [{"end_late": end}, {"failed": {"raise": "${error}"}}]
    return {"except": {"as": "error", "steps": steps}} if limited else {}


def call_block(before: str, after: str, limited: bool) -> Routine:
    """`before` + service + `after` is the root of a block's service, and the audience."""
    url = f'${{"{before}" + service + "{after}"}}' if before else "${service}"
    post = {
        "call": "http.post",
        "args": {
            "url": url,
            "auth": {"type": "OIDC", "audience": url},
            "timeout": "${timeout}",
            "body": f"${{{REQUEST}}}",
        },
        "result": "answer",
    }
    retry = {
        "predicate": "${never_started}",
        "max_retries": NEVER_STARTED_RETRIES,
        "backoff": {"initial_delay": 1, "max_delay": 30, "multiplier": 2},
    }
    return routine(
        COMMON,
        *_left(limited),
        {"post": {"try": post, "retry": retry, **_late(limited)}},
        {"done": {"return": "${answer.body}"}},
    )


def never_started() -> dict[str, Json]:
    """Only such answers are always retried: the block must not run twice by our doing."""
    return routine(
        ["error"],
        {
            "reason": {
                "switch": [
                    {"condition": '${map.get(error, "code") == 429}', "return": True},
                    {"condition": '${"ConnectionFailedError" in error.tags}', "return": True},
                ]
            }
        },
        {"otherwise": {"return": False}},
    )


def run_job(limited: bool) -> Routine:
    """Runs Cloud Run job `service` with the request in its environment and waits for its end.

    The job is the block's bundle, started with the same request that a function would get:
    `BLOCKLIFT_REQUEST` holds the BlockRequest's JSON. It exits 0 when the block is done; its
    outputs and manifest are where a function would leave them.
    """
    name = (
        '${"projects/" + sys.get_env("GOOGLE_CLOUD_PROJECT_ID") + "/locations/"'
        ' + sys.get_env("GOOGLE_CLOUD_LOCATION") + "/jobs/" + service}'
    )
    request = {"name": REQUEST_VARIABLE, "value": f"${{json.encode_to_string({REQUEST})}}"}
    overrides = {
        "containerOverrides": [{"env": [request]}],
        "timeout": '${string(int(timeout)) + "s"}',
    }
    run = {
        "call": "googleapis.run.v2.projects.locations.jobs.run",
        "args": {
            "name": name,
            "body": {"overrides": overrides},
            "connector_params": {"timeout": f"${{timeout + {JOB_SLACK}}}"},
        },
    }
    done = {"done": {"return": {"status": "done", "count": 0}}}
    return routine(COMMON, *_left(limited), {"run": run}, done)


def retried(ask: str, inner: Routine, limited: bool) -> Routine:
    """`attempt` is counted inside the tried steps, so each request knows its own."""
    count = [
        {"attempt": "${attempt + 1}"},
        {"request": "${default(more, nothing)}"},
        {"request.attempt": "${attempt}"},
    ]
    call = {"call": ask, "args": passed(inner, more="${request}"), "result": "answer"}
    again = {
        "predicate": "${still_in_time}" if limited else "${retry.always}",
        "max_retries": "${retries}",
        "backoff": {
            "initial_delay": "${delay}",
            "max_delay": YEAR,
            "multiplier": "${multiplier}",
        },
    }
    return routine(
        [*inner["params"], *REPEAT],
        {"begin": {"assign": [{"attempt": 0}, {"nothing": {}}]}},
        {
            "attempts": {
                "try": {"steps": [{"count": {"assign": count}}, {"ask": call}]},
                "retry": again,
            }
        },
        {"done": {"return": "${answer}"}},
    )


def sense(ask: str, inner: Routine) -> Routine:
    """Asks until the answer is not `waiting`; the pauses cost nothing but a few steps."""
    message = "the sensor's timeout passed before its condition was met"
    about = {"kind": "timeout", "type": "TimeoutError", "block": "${service}", "message": message}
    late = {"message": message, "tags": ["TimeoutError"], "body": {"error": about}}
    return routine(
        [*inner["params"], "pause", {"limit": YEAR}],
        {"begin": {"assign": [{"deadline": "${sys.now() + limit}"}]}},
        {"ask": {"call": ask, "args": passed(inner), "result": "answer"}},
        {
            "look": {
                "switch": [
                    {"condition": '${answer.status != "waiting"}', "return": "${answer}"},
                    {"condition": "${sys.now() > deadline}", "raise": late},
                ]
            }
        },
        {"rest": {"call": "sys.sleep", "args": {"seconds": "${pause}"}, "next": "ask"}},
    )


def _gate() -> dict[str, Json]:
    """A block runs when every block above is done (Mage: condition_failed, upstream_failed)."""
    failed = {"status": "upstream_failed", "count": 0}
    unmet = {"status": "condition_failed", "count": 0}
    return {
        "gate": {
            "switch": [
                {
                    "condition": '${"failed" in after or "upstream_failed" in after}',
                    "return": failed,
                },
                {"condition": '${"condition_failed" in after}', "return": unmet},
            ]
        }
    }


def gate() -> Routine:
    """For blocks that run once per item: asked before the first of them."""
    return routine(["after"], _gate(), {"open": {"return": {"status": "done", "count": 0}}})


def checked(ask: str, inner: Routine, caught: bool) -> Routine:
    """`after` says how the blocks above ended. When `caught`, a failure is an answer too."""
    call: dict[str, Json] = {"call": ask, "args": passed(inner), "result": "answer"}
    failed = {"status": "failed", "count": 0, "error": "${error}"}
    if caught:
        note = {"as": "error", "steps": [{"failed": {"return": failed}}]}
        call = {"try": call, "except": note}
    return routine(
        ["after", *inner["params"]], _gate(), {"ask": call}, {"done": {"return": "${answer}"}}
    )


def notify(limited: bool) -> Routine:
    """What is posted to a callback is `more`: outcome and error. It hears of late runs, too."""
    data = {"message": "a callback failed", "callback": "${service}", "error": "${error}"}
    log = {"call": "sys.log", "args": {"data": data, "severity": "WARNING"}}
    args = {name: f"${{{name}}}" for name in ("service", "context", "more")}
    calm = {"calm": {"assign": [{"context.deadline": None}]}}
    return routine(
        list(args),
        *([calm] if limited else []),
        {
            "tell": {
                "try": {"call": "call_block", "args": args},
                "except": {"as": "error", "steps": [{"note": log}]},
            }
        },
    )


def nap() -> Routine:
    """Sleeps `pause` seconds; the next pause is its answer."""
    time = {"time": "${time.format(sys.now() + pause)}"}
    longer = f"${{math.min(pause * {NAP_GROWTH}, {LONGEST_NAP})}}"
    return routine(
        ["pause"],
        {"rest": {"call": "sys.sleep_until", "args": time}},
        {"longer": {"return": longer}},
    )


def library(around: tuple[str, str], caught: bool, limited: bool) -> dict[str, Routine]:
    """All of them by name, in the order of writing."""
    found = {"call_block": call_block(*around, limited), "run_job": run_job(limited)}
    for name in ("call_block", "run_job"):
        found[f"{name}_retried"] = retried(name, found[name], limited)
    for end in ("", "_retried"):
        found[f"sense{end}"] = sense(f"call_block{end}", found[f"call_block{end}"])
    found |= {f"checked_{name}": checked(name, inner, caught) for name, inner in found.items()}
    return found | {
        "gate": gate(),
        "notify": notify(limited),
        "nap": nap(),
        "never_started": never_started(),
    }
