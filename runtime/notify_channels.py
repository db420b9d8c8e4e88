"""Where notifications go: each channel's own form of a message, and sending it.

Webhook URLs and passwords are in no message of ours: what goes wrong is told by its kind.
"""

from __future__ import annotations

import json
import smtplib
import ssl
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from html import escape
from typing import Any

from runtime.notify_text import Message

Json = Any
PATIENCE = 10.0
"""Seconds that one channel may take to answer."""
HEADER_LIMIT = 150
"""Slack: characters of a header."""
ALERT_LIMIT = 130
"""Opsgenie: characters of an alert's message."""
DISCORD_LIMIT = 2000
HEADERS = {"Content-Type": "application/json"}


class Unsent(Exception):
    """A channel did not take the message; says why without naming a secret."""


def send(channel: str, config: Mapping[str, Json], message: Message) -> None:
    """Unsent when it did not arrive."""
    if channel == "email":
        return mail(config, message)
    if channel == "opsgenie":
        return alert(config, message)
    return post(str(config["webhook_url"]), BODIES[channel](message), {})


def slack(message: Message) -> Json:
    header = {"type": "plain_text", "text": message.title[:HEADER_LIMIT]}
    return {
        "text": message.title,  # shown where blocks are not, as in a phone's notices
        "blocks": [
            {"type": "header", "text": header},
            {"type": "divider"},
            {"type": "section", "text": {"type": "mrkdwn", "text": message.details}},
        ],
    }


def teams(message: Message) -> Json:
    section = {"activityTitle": message.title, "activitySubtitle": message.details}
    card = {"@type": "MessageCard", "@context": "https://schema.org/extensions"}
    return {**card, "summary": message.title, "sections": [section]}


def discord(message: Message) -> Json:
    return {"content": f"**{message.title}**\n{message.details}"[:DISCORD_LIMIT]}


def telegram(message: Message) -> Json:
    text = f"<b>{escape(message.title)}</b>\n\n{escape(message.details)}"
    return {"text": text, "parse_mode": "HTML"}


def google_chat(message: Message) -> Json:
    return {"text": f"*{message.title}*\n{message.details}"}


BODIES: Mapping[str, Callable[[Message], Json]] = {
    "slack": slack,
    "teams": teams,
    "discord": discord,
    "telegram": telegram,
    "google_chat": google_chat,
}


def alert(config: Mapping[str, Json], message: Message) -> None:
    """Opsgenie: "Alert API", create alert."""
    if not message.urgent:
        return  # nobody is woken for a success
    body = {
        "message": message.title[:ALERT_LIMIT],
        "description": message.details,
        "priority": config.get("priority") or "P3",
        **{key: config[key] for key in ("responders", "tags", "details") if config.get(key)},
    }
    post(str(config["url"]), body, {"Authorization": f"GenieKey {config['api_key']}"})


def post(url: str, body: Json, headers: Mapping[str, str]) -> None:
    """Again only where it surely did not arrive: nobody wants to be told twice."""
    import urllib3

    retry = urllib3.Retry(
        total=2, connect=2, read=0, other=0, status_forcelist=(429,), allowed_methods=None,
        backoff_factor=0.5, raise_on_status=False,
    )  # fmt: skip
    timeout = urllib3.Timeout(connect=PATIENCE / 2, read=PATIENCE)
    data = json.dumps(body).encode()
    try:
        with urllib3.PoolManager(retries=retry, timeout=timeout) as pool:
            reply = pool.request("POST", url, body=data, headers={**HEADERS, **headers})
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise Unsent(type(error).__name__) from None
    if reply.status >= 300:
        raise Unsent(f"it answered {reply.status}")


def mail(config: Mapping[str, Json], message: Message) -> None:
    """By SMTP: `smtp_ssl` from the start, or `smtp_starttls` (the default) before the login."""
    letter = EmailMessage()
    letter["Subject"] = " ".join(message.title.split())
    letter["From"] = str(config["smtp_mail_from"])
    letter["To"] = ", ".join(_listed(config["to_emails"]))
    letter.set_content(message.details)
    try:
        with _server(config) as server:
            if config.get("smtp_user") and config.get("smtp_password"):
                server.login(str(config["smtp_user"]), str(config["smtp_password"]))
            server.send_message(letter)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        code = getattr(error, "smtp_code", "")
        raise Unsent(f"{type(error).__name__} {code}".strip()) from None


def _server(config: Mapping[str, Json]) -> smtplib.SMTP:
    host, port = str(config["smtp_host"]), int(config.get("smtp_port") or 587)
    trusted = ssl.create_default_context()
    if config.get("smtp_ssl"):
        return smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=trusted)
    server = smtplib.SMTP(host, port, timeout=PATIENCE)
    if config.get("smtp_starttls", True):
        try:
            server.starttls(context=trusted)
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
    return server


def _listed(value: Json) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
