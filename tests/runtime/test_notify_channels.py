"""Each channel's own form, over real sockets; and what is told when one does not take it."""

from __future__ import annotations

import socket
from email import message_from_bytes, policy

import pytest

from runtime.notify_channels import Unsent, send
from runtime.notify_text import Message
from tests.runtime.listeners import post_office, webhooks

MESSAGE = Message("Failed to run daily", "short", "long <b>\nsecond line")


@pytest.mark.parametrize(
    ("channel", "holds"),
    [
        ("slack", ["header", "Failed to run daily", "mrkdwn", "long <b>"]),
        ("teams", ["MessageCard", "activityTitle", "Failed to run daily", "long <b>"]),
        ("discord", ["content", "**Failed to run daily**"]),
        ("telegram", ["HTML", "<b>Failed to run daily</b>", "long &lt;b&gt;"]),
        ("google_chat", ["*Failed to run daily*", "long <b>"]),
    ],
)
def test_webhooks_get_what_they_understand(channel: str, holds: list[str]) -> None:
    with webhooks() as heard:
        send(channel, {"webhook_url": f"{heard.url}/hook"}, MESSAGE)
        (body,) = heard.at("/hook")
    assert all(text in str(body) for text in holds), body


def test_opsgenie_is_given_its_key_and_not_told_of_successes() -> None:
    with webhooks() as heard:
        config = {
            "url": f"{heard.url}/v2/alerts",
            "api_key": "k",
            "tags": ["etl"],
            "priority": "P1",
        }
        send("opsgenie", config, MESSAGE)
        send("opsgenie", config, Message("Fine", "", "", urgent=False))
        ((_, body, headers),) = heard.posts
    assert headers["Authorization"] == "GenieKey k"
    assert (body["message"], body["priority"], body["tags"]) == (MESSAGE.title, "P1", ["etl"])


def test_a_letter_is_sent_after_a_login() -> None:
    with post_office() as post:
        config = {
            "smtp_host": "127.0.0.1", "smtp_port": post.port, "smtp_starttls": False,
            "smtp_mail_from": "mage@example.com", "to_emails": ["a@example.com", "b@example.com"],
            "smtp_user": "mage", "smtp_password": "p",
        }  # fmt: skip
        send("email", config, Message("Failed:\ndaily", "", "Größe\nsecond line"))
        letter = message_from_bytes(post.letters[0].encode(), policy=policy.default)
    assert post.logins
    assert letter["Subject"] == "Failed: daily"
    assert letter["To"] == "a@example.com, b@example.com"
    assert letter.get_content().splitlines() == ["Größe", "second line"]


def test_a_password_is_not_sent_to_who_offers_no_tls() -> None:
    with post_office() as post:
        config = {
            "smtp_host": "127.0.0.1", "smtp_port": post.port, "smtp_mail_from": "m@example.com",
            "to_emails": "a@example.com", "smtp_user": "mage", "smtp_password": "p",
        }  # fmt: skip
        with pytest.raises(Unsent, match="SMTPNotSupportedError"):
            send("email", config, MESSAGE)
    assert not post.logins
    assert not post.letters


def test_what_went_wrong_is_told_without_the_webhooks_secret() -> None:
    with webhooks() as heard:
        heard.answers["/services/T0-secret"] = 404
        with pytest.raises(Unsent, match="it answered 404") as refused:
            send("slack", {"webhook_url": f"{heard.url}/services/T0-secret"}, MESSAGE)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unsent) as unreached:
        send("slack", {"webhook_url": f"http://127.0.0.1:{port}/services/T0-secret"}, MESSAGE)
    assert "secret" not in f"{refused.value} {unreached.value}"
