"""The steps that keep a run within its limits: may it begin, and by when must it end?

take_turn    asks `earlier_runs` until so few are active that this one may begin
earlier_runs how many active executions of this workflow began before this one
in_time      the seconds that a call may still take; raises when there are none left
end_late     cancels the run when its time is over, if its trigger says so
"""

from __future__ import annotations

from typing import Any

from deployer.compile.facts import Facts
from deployer.compile.routines import YEAR, Routine, Steps, routine
from deployer.triggers import limits

Json = Any
EXECUTIONS = "googleapis.workflowexecutions.v1.projects.locations.workflows.executions"
PAUSE = 20
"""Seconds between two looks at the runs before."""
GRACE = 15
"""The function says it itself first."""
EARLY = 1
"""Seconds by which a function's clock may be ahead of the workflow's."""
LATE = "RunTimeout"
NOT_BEGUN = {"run": "${context.run}", "blocks": {}}


def turn(facts: Facts) -> Steps:
    """A retry of a failed run, which names that run, takes no turn: a person asked for it."""
    first = '${map.get(args, "run") == null}'
    steps: Steps = []
    if limits.takes_turns(facts.pipeline):
        limit = 'default(map.get(trigger, "run_limit"), 0)'
        steps += _turn(
            "turn", '${map.get(trigger, "name")}', f"${{{limit}}}", "${trigger.over_limit}"
        )
        steps = [{"has_limit": {"switch": [{"condition": f"${{{limit} > 0}}", "steps": steps}]}}]
    if most := limits.all_runs(facts.pipeline):
        steps += _turn("any_turn", None, most, limits.over_limit(facts.pipeline))
    return [{"turns": {"switch": [{"condition": first, "steps": steps}]}}] if steps else []


def _turn(step: str, name: str | None, limit: Json, over: str) -> Steps:
    args = {"name": name, "limit": limit, "over": over}
    skipped = NOT_BEGUN | {"skipped": "as many runs as are allowed were active"}
    return [
        {step: {"call": "take_turn", "args": args, "result": step}},
        {f"{step}_gone": {"switch": [{"condition": f"${{not {step}}}", "return": skipped}]}},
    ]


def clock(facts: Facts) -> Steps:
    """From here on the run's time counts."""
    if not limits.may_be_late(facts.pipeline):
        return []
    set_ = [{"context.deadline": "${sys.now() + trigger.timeout}"}]
    entry = {"condition": '${map.get(trigger, "timeout") != null}', "assign": set_}
    return [{"time_limit": {"switch": [entry]}}]


def too_early() -> list[dict[str, Json]]:
    """Entries of a switch: ticks outside the trigger's own times start nothing."""
    run = '${sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID")}'
    skipped = {"run": run, "blocks": {}, "skipped": "the trigger's time has not come, or is over"}
    early = 'sys.now() + 5 < default(map.get(trigger, "not_before"), 0)'
    late = 'sys.now() > default(map.get(trigger, "not_after"), sys.now())'
    return [{"condition": f"${{{early} or {late}}}", "return": skipped}]


def take_turn() -> Routine:
    count = {"call": "earlier_runs", "args": {"name": "${name}"}, "result": "earlier"}
    answers = [
        {"condition": "${earlier < limit}", "return": True},
        {"condition": f'${{over == "{limits.SKIP}"}}', "return": False},
    ]
    rest = {"call": "sys.sleep", "args": {"seconds": PAUSE}, "next": "count"}
    return routine(
        ["name", "limit", "over"], {"count": count}, {"decide": {"switch": answers}}, {"rest": rest}
    )


def earlier_runs() -> Routine:
    """Lists have the newest first: what comes after this execution began before it. `name` is
    that of the trigger whose runs count; null counts all.
    """
    workflow = (
        '${"projects/" + sys.get_env("GOOGLE_CLOUD_PROJECT_ID") + "/locations/"'
        ' + sys.get_env("GOOGLE_CLOUD_LOCATION") + "/workflows/"'
        ' + sys.get_env("GOOGLE_CLOUD_WORKFLOW_ID")}'
    )
    asked = {"parent": workflow, "view": "FULL", "filter": 'state="ACTIVE"', "pageSize": 100}
    told = '${default(json.decode(default(map.get(other, "argument"), "{}")), nothing)}'
    mine = {"condition": '${text.split(other.name, "/")[7] == me}', "assign": [{"earlier": 0}]}
    counts = {
        "condition": '${name == null or map.get(told, ["trigger", "name"]) == name}',
        "assign": [{"earlier": "${earlier + 1}"}],
    }
    each = [{"read": {"assign": [{"told": told}]}}, {"whose": {"switch": [mine, counts]}}]
    me = '${sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID")}'
    empty = '${default(map.get(found, "executions"), [])}'
    return routine(
        ["name"],
        {"begin": {"assign": [{"earlier": 0}, {"nothing": {}}, {"me": me}]}},
        {"look": {"call": f"{EXECUTIONS}.list", "args": asked, "result": "found"}},
        {"each": {"for": {"value": "other", "in": empty, "steps": each}}},
        {"done": {"return": "${earlier}"}},
    )


def in_time() -> Routine:
    """`seconds`, or as many as are left until the deadline of the run."""
    left = f'default(map.get(context, "deadline"), sys.now() + {YEAR}) - sys.now()'
    message = "the run took longer than its trigger's timeout"
    about = {"kind": "timeout", "type": LATE, "block": "", "message": message}
    raised = {"message": message, "tags": [LATE], "body": {"error": about}}
    end = {"call": "end_late", "args": {"context": "${context}"}}
    entries = [{"condition": "${left <= 0}", "steps": [{"over": end}, {"late": {"raise": raised}}]}]
    return routine(
        ["seconds", "context"],
        {"begin": {"assign": [{"left": f"${{{left}}}"}]}},
        {"look": {"switch": entries}},
        {"done": {"return": f"${{math.min(seconds, left + {GRACE})}}"}},
    )


def end_late() -> Routine:
    """Mage: timeout_status. A late run that shall count as cancelled cancels itself."""
    name = (
        '${"projects/" + sys.get_env("GOOGLE_CLOUD_PROJECT_ID") + "/locations/"'
        ' + sys.get_env("GOOGLE_CLOUD_LOCATION") + "/workflows/"'
        ' + sys.get_env("GOOGLE_CLOUD_WORKFLOW_ID") + "/executions/"'
        ' + sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID")}'
    )
    cancel = {"call": f"{EXECUTIONS}.cancel", "args": {"name": name}}
    cancelled = f'map.get(context, ["trigger", "timeout_status"]) == "{limits.CANCELLED}"'
    late = f'default(map.get(context, "deadline"), sys.now() + {YEAR}) - sys.now() < {EARLY}'
    entry = {"condition": f"${{{cancelled} and {late}}}", "steps": [{"cancel": cancel}]}
    return routine(["context"], {"look": {"switch": [entry]}})


def still_in_time() -> Routine:
    """The predicate of a block's retries."""
    late = {"condition": f'${{"{LATE}" in default(map.get(error, "tags"), [])}}', "return": False}
    return routine(["error"], {"look": {"switch": [late]}}, {"again": {"return": True}})


def library(facts: Facts) -> dict[str, Routine]:
    """Just those that this pipeline needs."""
    pipeline = facts.pipeline
    found: dict[str, Routine] = {}
    if limits.takes_turns(pipeline) or limits.all_runs(pipeline):
        found |= {"take_turn": take_turn(), "earlier_runs": earlier_runs()}
    if limits.may_be_late(pipeline) and pipeline.blocks:
        found |= {"in_time": in_time(), "end_late": end_late(), "still_in_time": still_in_time()}
    return found
