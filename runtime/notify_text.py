"""What a notification says (Mage: "Notifications", message templates).

Placeholders stand in braces: {pipeline_uuid}, {pipeline_run_url}, {error} and so on. Only the
known ones are replaced, so other braces in a template stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from runtime.record import record

Json = Any
LONGEST = 3000
"""Characters: Slack takes no longer text in a section, the others take more."""
ABOUT = (
    "pipeline `{pipeline_uuid}` with trigger {pipeline_schedule_id} `{pipeline_schedule_name}`"
    " at execution time `{execution_time}`."
)
OPEN = "Open {pipeline_run_url} to check the run's results and logs."
TITLES = {
    "success": "Successfully ran pipeline {pipeline_uuid}",
    "failure": "Failed to run pipeline {pipeline_uuid}",
    "passed_sla": "SLA passed for pipeline {pipeline_uuid}",
}
SUMMARIES = {
    "success": f"Successfully ran {ABOUT}",
    "failure": f"Failed to run {ABOUT}\n{{error}}",
    "passed_sla": f"SLA passed for {ABOUT}",
}
MARKS = frozenset({"block", "kind", "message"})
"""Keys by which a block's own report is known (runtime.contract.BlockFailure)."""


@record
class Message:
    """One message; a channel takes what it has room for."""

    title: str
    summary: str
    details: str
    urgent: bool = True


def message(outcome: str, templates: Mapping[str, Json], known: Mapping[str, str]) -> Message:
    """The project's own words where it has some, else the usual ones."""
    own = templates.get(outcome) or {}
    summary = own.get("summary") or SUMMARIES[outcome]
    details = own.get("details") or own.get("summary") or f"{SUMMARIES[outcome]}\n{OPEN}"
    return Message(
        filled(own.get("title") or TITLES[outcome], known),
        filled(summary, known),
        filled(details, known),
        outcome != "success",
    )


def filled(template: str, known: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        return known.get(found[1], found[0])

    return re.sub(r"\{(\w+)\}", value, str(template)).strip()[:LONGEST]


def placeholders(
    about: Mapping[str, Json], request: Mapping[str, Json], url: str
) -> dict[str, str]:
    """`about` is what notifications.json says of the pipeline, `request` the workflow's call."""
    trigger = request.get("trigger") or {}
    name = str(trigger.get("name") or "manual")
    known = about.get("triggers", {}).get(name, {})
    error, stack = cause(request.get("error"))
    return {
        "pipeline_uuid": str(request.get("pipeline", "")),
        "pipeline_run_url": url,
        "pipeline_schedule_id": str(known.get("id") or trigger.get("id") or ""),
        "pipeline_schedule_name": name,
        "pipeline_schedule_description": str(known.get("description") or ""),
        "execution_time": str(trigger.get("execution_date") or ""),
        "error": error,
        "stacktrace": stack,
    }


def cause(error: Json) -> tuple[str, str]:
    """(what went wrong, the block's traceback) in an error as Workflows hands it on."""
    for report in reports(error):
        kind = f"{report['type']}: " if report.get("type") else ""
        trace = "\n".join(map(str, report.get("traceback") or ()))
        return f"block {report['block']}: {kind}{report['message']}", trace
    value = decoded(error)
    if isinstance(value, Mapping):
        value = value.get("message") or value.get("payload") or ""
    return str(value or ""), ""


def reports(value: Json) -> Iterator[Mapping[str, Json]]:
    """Blocks' own reports, however deep branches have nested them."""
    value = decoded(value)
    if isinstance(value, list):
        for item in value:
            yield from reports(item)
    elif isinstance(value, dict):
        if value.keys() >= MARKS:
            yield value
            return
        for item in value.values():
            yield from reports(item)


def decoded(value: Json) -> Json:
    """JSON inside a text, as Workflows carries payloads; else the value itself."""
    if not isinstance(value, str) or value.lstrip()[:1] not in {"{", "["}:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
