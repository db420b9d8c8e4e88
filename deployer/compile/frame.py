"""The beginning and the end of a definition: what a run is told, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from deployer.compile import turns
from deployer.compile.facts import Facts
from deployer.compile.routines import Steps
from deployer.triggers.limits import beginning
from deployer.triggers.schedules import cron

Json = Any
ASSIGNS = 50
"""Workflows: assignments of one step."""
NOTHING: Mapping[str, Json] = MappingProxyType({})
EARLY = 5
"""Seconds by which a clock may run behind Cloud Scheduler's."""


def opening(facts: Facts, bucket: str, more: Mapping[str, Json] = NOTHING) -> Steps:
    """The run's id, variables and trigger from the argument; empty answers of all blocks. `more`
    is what requests say beside that.

    A retry of a failed run passes the earlier run's id: finished blocks answer from what they
    left behind.
    """
    execution = 'sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID")'
    first: list[dict[str, Json]] = [
        {"nothing": {}},
        {"trigger": '${default(map.get(args, "trigger"), nothing)}'},
    ]
    rest: list[dict[str, Json]] = [
        {
            "trigger.execution_date": '${default(map.get(trigger, "execution_date"),'
            " time.format(sys.now()))}"
        },
        {
            "context": {
                "run": f'${{default(map.get(args, "run"), {execution})}}',
                "bucket": bucket,
                "variables": '${default(map.get(args, "variables"), nothing)}',
                "trigger": "${trigger}",
                **more,
            }
        },
        *({facts.answer(name): None} for name in facts.kept),  # branches write them
    ]
    limited = [*_alone(facts), *turns.turn(facts), *turns.clock(facts)]
    if not any(cron(trigger) for trigger in facts.pipeline.triggers):
        return [*_assigns("begin", first + rest), *limited]
    tick = _tick(any(map(beginning, facts.pipeline.triggers)))
    return [{"begin": {"assign": first}}, tick, *_assigns("begin_run", rest), *limited]


def _alone(facts: Facts) -> Iterator[dict[str, Json]]:
    """Only some services, one after the other: what a person asks for while writing a block.

    `only` of the argument names them; `run` says which earlier outputs they read. A function
    that only the project's own network reaches can be tried this way, and no other.
    """
    if not facts.pipeline.blocks:
        return
    call = {"call": "call_block", "args": {"service": "${chosen}", "context": "${context}"}}
    each = {"value": "chosen", "in": "${args.only}", "steps": [{"chosen_block": call}]}
    finished = {"finish_chosen": {"return": {"run": "${context.run}", "blocks": {}}}}
    steps = [{"each_chosen": {"for": each}}, finished]
    yield {
        "choose": {"switch": [{"condition": '${map.get(args, "only") != null}', "steps": steps}]}
    }


def _assigns(step: str, assigns: list[dict[str, Json]]) -> Iterator[dict[str, Json]]:
    for number, at in enumerate(range(0, len(assigns), ASSIGNS)):
        name = f"{step}_{number + 1}" if number else step
        yield {name: {"assign": assigns[at : at + ASSIGNS]}}


def _tick(timed: bool) -> dict[str, Json]:
    """A scheduled run's date is its tick, not the moment at which it happened to start.

    `period` 0 stands for schedules without a constant one: their tick is the last minute.
    `timed` when some trigger has a time before which it starts nothing.
    """
    minute = f"${{int((sys.now() + {EARLY}) // 60) * 60}}"
    latest = f"int((sys.now() + {EARLY} - trigger.phase) // trigger.period)"
    tick = f"${{{latest} * trigger.period + trigger.phase}}"
    interval = [
        {"tick": tick},
        {"trigger.interval_start_datetime": "${time.format(tick)}"},
        {"trigger.interval_end_datetime": "${time.format(tick + trigger.period)}"},
        {"trigger.interval_start_datetime_previous": "${time.format(tick - trigger.period)}"},
        {"trigger.interval_seconds": "${trigger.period}"},
        {"trigger.execution_date": "${time.format(tick)}"},
    ]
    odd = [{"tick": minute}, {"trigger.execution_date": "${time.format(tick)}"}]
    given = '${map.get(trigger, "execution_date") != null or map.get(trigger, "period") == null}'
    entries = [
        *(turns.too_early() if timed else []),
        {"condition": given, "next": "begin_run"},
        {"condition": "${trigger.period == 0}", "assign": odd},
        {"condition": True, "assign": interval},
    ]
    return {"scheduled": {"switch": entries}}


def closing(facts: Facts) -> Steps:
    """How many blocks ended how; the first failure if there was one."""
    count = len(facts.pipeline.blocks)
    if not facts.tracked:
        return [{"finish": {"return": {"run": "${context.run}", "blocks": {"done": count}}}}]
    answers = [facts.answer(block.id) for block in facts.pipeline.blocks]
    statuses = [f"${{{answer}.status}}" for answer in answers]
    counted = {status: f"${{{_count(status)}}}" for status in ("done", "condition_failed")}
    return [
        {"endings": {"assign": [{"endings": statuses}]}},
        {"count": {"assign": [{"endings": "${json.encode_to_string(endings)}"}]}},
        *(_failure([f"${{{facts.answer(name)}}}" for name in facts.kept]) if facts.caught else []),
        {"finish": {"return": {"run": "${context.run}", "blocks": counted}}},
    ]


def _count(status: str) -> str:
    return f'len(text.find_all(endings, "\\"{status}\\""))'


def _failure(answers: list[str]) -> Steps:
    """Only a failed run looks through the answers for the error of its first failed block.

    It may be a conditional's, whose own status is not among the endings.
    """
    first = {"condition": '${ending.status == "failed"}', "raise": "${ending.error}"}
    look = {"first_failure": {"switch": [first]}}
    loop = {"value": "ending", "in": answers, "steps": [look]}
    any_failed = {
        "condition": f"${{{_count('failed')} + {_count('upstream_failed')} > 0}}",
        "steps": [{"find_failure": {"for": loop}}],
    }
    return [{"failures": {"switch": [any_failed]}}]
