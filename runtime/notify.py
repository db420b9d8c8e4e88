"""Notifications: `from runtime.notify import handle as notify`.

The workflow of a pipeline says how a run ended; this function tells those who want to know
(Mage: "Notifications"). notifications.json has, for each pipeline, its notification_config,
in which secrets are still `{{ env_var('NAME') }}`: their values are in this function's
environment and nowhere else. What could not be sent is logged; the answer is a success all
the same, since a run does not fail because nobody could be told.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.here import folder
from runtime.notify_channels import Unsent, send
from runtime.notify_text import Message, message, placeholders

if TYPE_CHECKING:
    from flask import Request

Json = Any
ROOT = Path(folder())
_ASKS = re.compile(r"\{\{\s*\w+\(\s*['\"]([^'\"]+)['\"]\s*\)\s*\}\}")
"""One of Mage's template functions with a name."""
ALERTS = {
    "trigger_success": "success",
    "trigger_failure": "failure",
    "trigger_passed_sla": "passed_sla",
}


def handle(request: Request) -> tuple[str, int, dict[str, str]]:
    """Functions-framework calls this for each request."""
    told = request.get_json(force=True)
    about = notifications().get(told.get("pipeline"))
    sent = deliver(about, told) if about else {}
    return json.dumps({"sent": sent}), 200, {"Content-Type": "application/json"}


@cache
def notifications(root: Path = ROOT) -> dict[str, Json]:
    found: dict[str, Json] = json.loads((root / "notifications.json").read_text())
    return found


def deliver(about: Mapping[str, Json], told: Mapping[str, Json]) -> dict[str, str]:
    """Channel → `sent`, or why not."""
    config = about["config"]
    known = placeholders(about, told, url_of(about["workflow"], str(told.get("execution", ""))))
    templates = config.get("message_templates") or {}
    messages = [message(name, templates, known) for name in outcomes(about, told)]
    channels = list(channels_of(config))
    work = [(name, settings, text) for text in messages for name, settings in channels]
    with ThreadPoolExecutor(max(1, len(channels))) as pool:
        ends = list(pool.map(lambda job: attempt(*job), work))
    found = {name: end for (name, _, _), end in zip(work, ends, strict=True)}
    for name, end in found.items():
        if end != "sent":
            log(told, f"notification over {name} was not sent: {end}")
    return found


def outcomes(about: Mapping[str, Json], told: Mapping[str, Json]) -> Iterator[str]:
    """Of those that somebody wants to know: how the run ended, whether it took too long."""
    wanted = {ALERTS[name] for name in about["alert_on"] if name in ALERTS}
    if (outcome := str(told.get("outcome"))) in wanted:
        yield outcome
    name = str((told.get("trigger") or {}).get("name") or "")
    sla = about.get("triggers", {}).get(name, {}).get("sla")
    if "passed_sla" in wanted and sla and float(told.get("seconds") or 0) > float(sla):
        yield "passed_sla"


def channels_of(config: Mapping[str, Json]) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """(slack, its settings with their secrets) …; Teams may be a list."""
    for key, value in config.items():
        if key.endswith("_config"):
            for number, one in enumerate(value if isinstance(value, list) else [value]):
                name = key.removesuffix("_config")
                yield (f"{name} {number + 1}" if number else name), with_values(one)


def with_values(value: Json) -> Json:
    """Templates replaced by what the environment holds."""
    if isinstance(value, dict):
        return {key: with_values(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_values(item) for item in value]
    if isinstance(value, str):
        return _ASKS.sub(lambda found: os.environ.get(found[1], ""), value)
    return value


def attempt(channel: str, config: Mapping[str, Json], text: Message) -> str:
    try:
        send(channel.partition(" ")[0], config, text)
    except Unsent as problem:
        return str(problem)
    except (KeyError, TypeError, ValueError) as problem:
        return f"its settings cannot be used ({type(problem).__name__})"
    return "sent"


def url_of(workflow: str, execution: str) -> str:
    """Where a person looks at the run."""
    if local := os.environ.get("API_ENDPOINT_OVERRIDE"):
        return f"{local}/v1/{workflow}/executions/{execution}"
    _, project, _, region, _, name = workflow.split("/")
    path = f"workflows/workflow/{region}/{name}/execution/{execution}"
    return f"https://console.cloud.google.com/{path}?project={project}"


def log(told: Mapping[str, Json], text: str) -> None:
    labels = {f"blocklift_{key}": str(told.get(key) or "") for key in ("pipeline", "run")}
    record = {
        "severity": "ERROR",
        "message": text,
        "time": datetime.now(UTC).isoformat(),
        "logging.googleapis.com/labels": labels,
    }
    print(json.dumps(record), flush=True)
