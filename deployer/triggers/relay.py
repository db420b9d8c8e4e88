"""The small workflow between an event and a pipeline: is it one that the trigger waits for, and
what will the pipeline's blocks find as `kwargs['event']`?

Eventarc filters by bucket and type only, and hands on nothing but the event. So each event
trigger has a workflow of its own, which looks at the rest of Mage's pattern and starts the
pipeline's workflow with the trigger's variables. An event that is not meant costs three steps and
starts no run. Patterns are EventBridge's, as Mage matches them: every key must be there, a list
means one of, maps nest; `{prefix: …}` and `{suffix: …}` may stand in a list.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

Json = Any
AS_AWS: Mapping[str, Json] = {
    "version": "0",
    "id": "${cloud_event.id}",
    "source": "aws.s3",
    "account": '${sys.get_env("GOOGLE_CLOUD_PROJECT_NUMBER")}',
    "time": "${cloud_event.time}",
    "region": '${sys.get_env("GOOGLE_CLOUD_LOCATION")}',
    "resources": ['${"arn:aws:s3:::" + cloud_event.data.bucket}'],
    "detail": {
        "version": "0",
        "bucket": {"name": "${cloud_event.data.bucket}"},
        "object": {
            "key": "${cloud_event.data.name}",
            "size": "${int(cloud_event.data.size)}",
            "etag": "${cloud_event.data.etag}",
            "version-id": "${cloud_event.data.generation}",
        },
    },
}
"""Amazon S3: "Event message structure" of EventBridge, made of the object of Cloud Storage."""
DETAIL_TYPES = {"finalized": "Object Created", "deleted": "Object Deleted"}
REASONS = {"finalized": "PutObject", "deleted": "DeleteObject"}


@dataclass(frozen=True, slots=True)
class Test:
    """What one place of an event must hold."""

    path: tuple[str, ...]
    values: tuple[str, ...]
    patterns: tuple[str, ...]
    """Regular expressions (RE2)."""


@dataclass(frozen=True, slots=True)
class Relay:
    """One trigger's way from event to run."""

    url: str
    """Where executions of the pipeline's workflow are made."""
    type: str
    """Of the CloudEvent."""
    is_aws: bool
    """Blocks find the event as S3 would have told it."""
    pattern: Mapping[str, Json]
    argument: Mapping[str, Json]
    """Of each run, without the event."""

    @property
    def source(self) -> str:
        """The definition, as Workflows takes it."""
        steps: list[Json] = [{"shape": {"assign": [{"event": self._event()}]}}]
        for number, test in enumerate(tests(self.pattern)):
            steps += checked(number, test)
        steps += [self._start(), {"told": {"return": "${started.body.name}"}}]
        document = {"main": {"params": ["cloud_event"], "steps": steps}}
        return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100))

    def _event(self) -> Json:
        if not self.is_aws:
            return "${cloud_event}"
        what = self.type.rpartition(".")[2]
        detail = {**AS_AWS["detail"], "reason": REASONS[what]}
        return {**AS_AWS, "detail-type": DETAIL_TYPES[what], "detail": detail}

    def _start(self) -> Json:
        trigger = {**self.argument["trigger"], "event": None}
        told = {
            key: "${event}" if key == "event" else literal(value) for key, value in trigger.items()
        }
        argument = {"variables": literal(self.argument["variables"]), "trigger": told}
        call = {
            "call": "http.post",
            "args": {
                "url": self.url,
                "auth": {"type": "OAuth2"},
                "body": {"argument": "${json.encode_to_string(argument)}"},
            },
            "result": "started",
        }
        return {
            "start": {
                "steps": [
                    {"say": {"assign": [{"argument": argument}]}},
                    {
                        "ask": {
                            "try": call,
                            "retry": "${http.default_retry_non_idempotent}",
                        }
                    },
                ]
            }
        }


def tests(pattern: Mapping[str, Json], path: tuple[str, ...] = ()) -> Iterator[Test]:
    """Every leaf of a pattern."""
    for key, wanted in pattern.items():
        here = (*path, str(key))
        if isinstance(wanted, Mapping):
            yield from tests(wanted, here)
        else:
            yield _test(here, wanted if isinstance(wanted, list) else [wanted])


def _test(path: tuple[str, ...], wanted: Sequence[Json]) -> Test:
    values = tuple(str(one) for one in wanted if not isinstance(one, Mapping))
    patterns = tuple(_expression(one) for one in wanted if isinstance(one, Mapping))
    return Test(path, values, patterns)


def _expression(wanted: Mapping[str, Json]) -> str:
    """`{prefix: in/, suffix: .csv}`: both must hold."""
    head = re.escape(str(wanted.get("prefix", ""))).replace("\\/", "/")
    tail = re.escape(str(wanted.get("suffix", "")))
    return f"(?s)^{head}.*{tail}$"


def checked(number: int, test: Test) -> list[Json]:
    """Steps that end the relay when an event is not the one."""
    found, values, pattern = f"found{number}", f"values{number}", f"pattern{number}"
    assigned: list[Json] = [
        {f"keys{number}": [literal(key) for key in test.path]},
        {found: f'${{string(default(map.get(event, keys{number}), ""))}}'},
    ]
    fits = []
    if test.values:
        assigned.append({values: [literal(value) for value in test.values]})
        fits.append(f"{found} in {values}")
    if test.patterns:
        whole = "|".join(f"({one})" for one in test.patterns)
        assigned.append({pattern: literal(whole)})
        fits.append(f"text.match_regex({found}, {pattern})")
    condition = f"${{not ({' or '.join(fits)})}}" if fits else "${true}"
    no = {"condition": condition, "return": "not what this trigger waits for"}
    return [
        {f"look{number}": {"assign": assigned}},
        {f"check{number}": {"switch": [no]}},
    ]


def literal(value: Json) -> Json:
    """A value that no step takes for an expression."""
    text = json.dumps(value)
    if "$" + "{" not in text:
        return value
    coded = base64.b64encode(text.encode()).decode()
    return f'${{json.decode(base64.decode("{coded}"))}}'
