"""Who is told: configs of project and pipeline together, and secrets that never leave."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from deployer.bundle import bundle
from deployer.inspection import inspect
from deployer.load import load
from deployer.model import Project
from deployer.notify import notifications
from deployer.notify.notifications import Notices, notices
from deployer.settings import names as settings
from tests.deployer.making import DAILY, SHOP, written

SLACK = """
    notification_config:
      slack_config:
        webhook_url: "{{ env_var('HOOK') }}"
"""
LITERAL = """
    notification_config:
      alert_on: [trigger_failure, trigger_success]
      slack_config:
        webhook_url: https://hooks.slack.com/services/T0/B0/verysecret
      teams_config:
      - webhook_url: https://example.webhook.office.com/one
      - webhook_url: "{{ env_var('TEAMS') }}"
      email_config:
        smtp_host: mail.example.com
        smtp_mail_from: mage@example.com
        smtp_user: mage
        smtp_password: pa55word
        to_emails: [ops@example.com]
"""
SLA = """
    triggers:
    - {name: nightly, schedule_type: time, schedule_interval: '@daily', status: active, sla: 600}
"""


def told(project: Project, have: str = "HOOK TEAMS") -> Notices | None:
    def available(name: str) -> bool:
        return name in have.split() or name.startswith("NOTIFY_")

    return notices(project, project.pipelines[0], available)


def shop(folder: Path, of_project: str = "", of_pipeline: str = "", **more: str) -> Project:
    files: Mapping[str, Any] = {
        "metadata.yaml": "    project_type: standalone\n" + of_project,
        "pipelines/daily/metadata.yaml": DAILY + of_pipeline,
    }
    return load(written(folder, SHOP, files, more))


def test_a_new_projects_settings_do_nothing_until_they_have_values(tmp_path: Path) -> None:
    usual = SLACK.replace("HOOK", "MAGE_SLACK_WEBHOOK_URL")
    project = shop(tmp_path, usual)
    assert told(project) is None
    assert notifications.names(project, {}) == frozenset()
    assert notifications.names(project, {"MAGE_SLACK_WEBHOOK_URL": "x"}) == {
        "MAGE_SLACK_WEBHOOK_URL"
    }
    assert told(project, "MAGE_SLACK_WEBHOOK_URL")


def test_failures_are_told_unless_something_else_is_asked_for(tmp_path: Path) -> None:
    usual = told(shop(tmp_path, SLACK))
    assert usual
    assert (usual.on_failure, usual.on_success) == (True, False)
    only = told(shop(tmp_path, SLACK, "    notification_config: {alert_on: [trigger_success]}\n"))
    assert only
    assert (only.on_failure, only.on_success) == (False, True)
    assert told(shop(tmp_path, SLACK, "    notification_config: {alert_on: []}\n")) is None


def test_a_run_that_works_may_still_be_late(tmp_path: Path) -> None:
    project = shop(tmp_path, SLACK, **{"pipelines/daily/triggers.yaml": SLA})
    found = told(project)
    assert found
    assert found.on_success
    assert found.to_json("w")["triggers"]["nightly"]["sla"] == 600
    assert not [r for r in inspect(project.root).remarks if "sla" in r.message]


def test_a_pipelines_channel_lies_over_the_projects(tmp_path: Path) -> None:
    own = SLACK.replace("HOOK", "TEAMS")
    found = told(shop(tmp_path, SLACK, own))
    assert found
    assert found.asks == {"TEAMS"}


def test_what_is_written_out_becomes_secrets(tmp_path: Path) -> None:
    project = shop(tmp_path, LITERAL)
    found = told(project, "")
    assert found
    assert found.asks == {
        "NOTIFY_SLACK_WEBHOOK_URL",
        "NOTIFY_TEAMS_1_WEBHOOK_URL",
        "NOTIFY_EMAIL_SMTP_PASSWORD",
    }
    assert len(found.config["teams_config"]) == 1, "nobody knows TEAMS"
    assert "secret" not in str(found.to_json("w"))
    assert "pa55word" not in str(found.to_json("w"))
    values = {literal.name: literal.value for literal in settings.literals(project)}
    assert values["NOTIFY_EMAIL_SMTP_PASSWORD"] == "pa55word"


def test_what_is_written_out_is_told_with_its_line(tmp_path: Path) -> None:
    project = shop(tmp_path, "", LITERAL)
    remarks = [r for r in inspect(project.root).remarks if "NOTIFY_DAILY_EMAIL" in r.message]
    (remark,) = remarks
    path = project.root / "pipelines/daily/metadata.yaml"
    assert remark.path == path
    assert path.read_text().splitlines()[remark.line - 1].strip().startswith("smtp_password")
    assert "pa55word" not in f"{remark.message}{remark.hint}"


def test_a_metadata_file_that_a_block_reads_is_bundled_without_secrets(tmp_path: Path) -> None:
    more = {"blocklift.yaml": "files: [metadata.yaml]\n"}
    project = shop(tmp_path, LITERAL, **more)
    made = bundle(project, project.pipelines[0], project.pipelines[0].blocks[0])
    assert b"NOTIFY_SLACK_WEBHOOK_URL" in made.files["project/shop/metadata.yaml"]
    assert not [name for name, data in made.files.items() if b"verysecret" in data]


@pytest.mark.parametrize(
    ("written_so", "said", "line"),
    [
        ("{slack: {webhook_url: x}}", "'slack' is no channel", 2),
        ("{alert_on: [failure]}", "alert_on 'failure' means nothing", 2),
        ("{slack_config: {url: x}}", "slack_config lacks webhook_url", 2),
        ("{email_config: {smtp_host: x}}", "lacks smtp_mail_from, to_emails", 2),
    ],
)
def test_mistakes_are_told(tmp_path: Path, written_so: str, said: str, line: int) -> None:
    project = shop(tmp_path, f"    notification_config: {written_so}\n")
    (remark,) = inspect(project.root).remarks
    assert said in remark.message
    assert remark.line == line
