"""Who is told how runs end: Mage's `notification_config`, of the project and of its pipelines.

A pipeline's config lies over the project's, key by key (Mage: "Notifications"). A channel counts
when all that it asks for has a value, so the settings that every new project is given for
Slack and Teams do nothing until somebody sets them. Webhook URLs and passwords are secrets
whether they are asked for or written out: what is written out is carried as the secret that
takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployer.errors import Problem
from deployer.load.document import Document, mapping_of, read
from deployer.load.templates import calls
from deployer.model import Pipeline, Place, Project, Trigger
from deployer.naming import trigger_id
from deployer.settings.ioconfig import ASKING, PLACEHOLDER, TEMPLATE, Literal

Json = Any
KEY = "notification_config"
METADATA = "metadata.yaml"
FAILURE, SUCCESS, SLA = "trigger_failure", "trigger_success", "trigger_passed_sla"
USUALLY = (FAILURE, SLA)
NEEDED = {
    "slack_config": ("webhook_url",),
    "teams_config": ("webhook_url",),
    "discord_config": ("webhook_url",),
    "telegram_config": ("webhook_url",),
    "google_chat_config": ("webhook_url",),
    "email_config": ("smtp_host", "smtp_mail_from", "to_emails"),
    "opsgenie_config": ("url", "api_key"),
}
"""Channel → settings without which it cannot be used."""
SECRET = frozenset({"webhook_url", "smtp_password", "api_key"})
OTHERS = frozenset({"alert_on", "message_templates"})
BY_CUSTOM = frozenset({"MAGE_SLACK_WEBHOOK_URL", "MAGE_TEAMS_WEBHOOK_URL"})
"""What the metadata.yaml of every new Mage project asks for."""


@dataclass(frozen=True, slots=True)
class Notices:
    """What a pipeline's notifications are: of whom, over which channels."""

    pipeline: Pipeline
    config: Mapping[str, Json]
    """Channels that can be used, and message_templates; secrets are templates."""
    alert_on: tuple[str, ...]

    @property
    def asks(self) -> frozenset[str]:
        """Environment variables."""
        return frozenset(asked(self.config))

    @property
    def on_success(self) -> bool:
        """Whether a run that worked has anything to tell; it may have taken too long."""
        return SUCCESS in self.alert_on or self.on_late

    @property
    def on_failure(self) -> bool:
        return FAILURE in self.alert_on or self.on_late

    @property
    def on_late(self) -> bool:
        return SLA in self.alert_on and any(sla_of(t) for t in self.pipeline.triggers)

    def to_json(self, workflow: str) -> dict[str, Json]:
        """An entry of notifications.json."""
        return {
            "config": self.config,
            "alert_on": list(self.alert_on),
            "workflow": workflow,
            "triggers": {t.name: self.about(t) for t in self.pipeline.triggers},
        }

    def about(self, trigger: Trigger) -> dict[str, Json]:
        return {
            "id": trigger_id(self.pipeline.id, trigger.name),
            "description": str(trigger.settings.get("description") or ""),
            "sla": sla_of(trigger),
        }


def notices(
    project: Project, pipeline: Pipeline, available: Callable[[str], bool]
) -> Notices | None:
    """None when nobody could be told anything. `available` says whether a setting has a value."""
    written = together(project, pipeline)
    config = {key: kept for key in NEEDED if (kept := usable(written.get(key), key, available))}
    alert_on = written.get("alert_on", USUALLY)
    made = Notices(pipeline, config, tuple(alert_on if isinstance(alert_on, list | tuple) else ()))
    if not config or not (made.on_success or made.on_failure):
        return None
    templates = mapping_of(written.get("message_templates"))
    return Notices(pipeline, {**config, "message_templates": templates}, made.alert_on)


def usable(written: Json, channel: str, available: Callable[[str], bool]) -> Json:
    """A channel's settings, or of a list of them those that can be used; empty otherwise."""
    if isinstance(written, list):
        return [kept for one in written if (kept := usable(one, channel, available))]
    settings = mapping_of(written)
    whole = all(settings.get(name) for name in NEEDED[channel])
    return settings if whole and all(map(available, asked(settings))) else {}


def together(project: Project, pipeline: Pipeline) -> dict[str, Json]:
    """The project's config under the pipeline's, secrets written out replaced by templates."""
    return {**plain(project.metadata, ""), **plain(pipeline.settings, pipeline.id)}


def plain(written: Mapping[str, Json], pipeline: str) -> dict[str, Json]:
    """One file's config without its secrets."""
    found = found_in(written, pipeline)
    names = {secret.keys: secret.name for secret in found}

    def without(value: Json, keys: tuple[str | int, ...]) -> Json:
        if keys in names:
            return f"{{{{ env_var('{names[keys]}') }}}}"
        if isinstance(value, Mapping):
            return {key: without(item, (*keys, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [without(item, (*keys, n)) for n, item in enumerate(value)]
        return value

    return {key: without(value, (key,)) for key, value in mapping_of(written.get(KEY)).items()}


def asked(config: Json) -> Iterator[str]:
    """Names that templates ask for, however deep."""
    if isinstance(config, Mapping):
        for value in config.values():
            yield from asked(value)
    elif isinstance(config, list):
        for value in config:
            yield from asked(value)
    elif isinstance(config, str):
        yield from (name for _, name, _ in calls(config, ASKING))


def names(project: Project, known: Mapping[str, str]) -> frozenset[str]:
    """Settings that notifications ask for; those of new projects only when they are `known`."""
    every = {name for p in project.pipelines for name in asked(together(project, p))}
    return frozenset(every - (BY_CUSTOM - set(known)))


def sla_of(trigger: Trigger) -> float:
    """Seconds; 0 when there is none."""
    value = trigger.settings.get("sla")
    return float(value) if isinstance(value, int | float) and value > 0 else 0.0


# -- secrets that are written out ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    """A secret as a value of metadata.yaml."""

    keys: tuple[str | int, ...]
    """Below notification_config."""
    name: str
    """The setting that takes its place."""
    value: str


def found_in(written: Mapping[str, Json], pipeline: str) -> tuple[Written, ...]:
    """Of the project (no `pipeline`) or of one pipeline."""
    config = mapping_of(written.get(KEY))
    return tuple(
        Written(keys, setting_name(pipeline, keys), value)
        for channel in NEEDED
        for keys, value in leaves(config.get(channel), (channel,))
        if keys[-1] in SECRET and is_literal(value)
    )


def leaves(value: Json, keys: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, (*keys, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from leaves(item, (*keys, number))
    elif isinstance(value, str):
        yield keys, value


def is_literal(value: str) -> bool:
    return not TEMPLATE.search(value) and not PLACEHOLDER.fullmatch(value)


def setting_name(pipeline: str, keys: tuple[str | int, ...]) -> str:
    """NOTIFY_SLACK_WEBHOOK_URL, NOTIFY_DAILY_EMAIL_SMTP_PASSWORD …"""
    parts = [str(key + 1) if isinstance(key, int) else key for key in keys]
    parts[0] = parts[0].removesuffix("_config")
    return re.sub(r"\W+", "_", "_".join(filter(None, ("NOTIFY", pipeline, *parts)))).upper()


def literals(project: Project) -> Iterator[Literal]:
    """Secrets written out, each with its line."""
    for document, written, pipeline in files(project):
        for secret in found_in(written, pipeline):
            line = document.line(KEY, *secret.keys) if document else 0
            place = Place(path_of(project, pipeline), line)
            yield Literal(secret.name, secret.value, place, "", 0, 0)


def files(project: Project) -> Iterator[tuple[Document | None, Mapping[str, Json], str]]:
    """Each metadata.yaml that has something written out: as a document, its config, whose."""
    written = [(project.metadata, "")] + [(p.settings, str(p.id)) for p in project.pipelines]
    for settings, pipeline in written:
        if mapping_of(settings.get(KEY)):
            document = read(path_of(project, pipeline), {})
            yield (document if isinstance(document, Document) else None), settings, pipeline


def path_of(project: Project, pipeline: str) -> Path:
    return project.root / "pipelines" / pipeline / METADATA if pipeline else project.root / METADATA


def without_secrets(project: Project, path: Path) -> bytes:
    """A metadata.yaml as it may be bundled."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    for secret in literals(project):
        if secret.place.path == path:
            text = text.replace(secret.value, f"{{{{ env_var('{secret.name}') }}}}")
    return text.encode()


# -- mistakes --------------------------------------------------------------------------------


def mistakes(project: Project) -> Iterator[Problem]:
    """What a config says that nobody would hear of."""
    for document, written, pipeline in files(project):
        path = path_of(project, pipeline)
        for keys, message, hint in wrong(mapping_of(written.get(KEY))):
            line = document.line(KEY, *keys) if document else 0
            yield Problem(path, line, f"{KEY}: {message}", hint)


def wrong(config: Mapping[str, Json]) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """(keys, what is wrong, hint)"""
    for key in config.keys() - NEEDED.keys() - OTHERS:
        yield (key,), f"{key!r} is no channel", f"channels: {', '.join(NEEDED)}"
    alerts = config.get("alert_on")
    for number, name in enumerate(alerts if isinstance(alerts, list) else ()):
        if name not in {FAILURE, SUCCESS, SLA}:
            hint = f"known: {FAILURE}, {SUCCESS}, {SLA}"
            yield ("alert_on", number), f"alert_on {name!r} means nothing", hint
    for channel, needed in NEEDED.items():
        value = config.get(channel)
        for one in value if isinstance(value, list) else [value] if value else []:
            lacking = [name for name in needed if not mapping_of(one).get(name)]
            if lacking and mapping_of(one):
                hint = "nobody is told over it without"
                yield (channel,), f"{channel} lacks {', '.join(lacking)}", hint
