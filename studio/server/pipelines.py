"""What the browser asks of the project: its pipelines, its files, and changes of both."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from deployer.errors import BlockliftError
from deployer.naming import function_id
from studio.server.clocks import clocks, hold
from studio.server.errors import StudioError
from studio.server.messages import (
    Activity,
    BlockChange,
    FileText,
    NewBlock,
    PipelineInfo,
    ProjectInfo,
    SecretInfo,
    TriggerChange,
)
from studio.server.runs import all_summaries
from studio.server.session import Session
from studio.server.templates import templates
from studio.server.timers import Timers
from studio.server.views import pipeline_info, project_info

LAST_RUNS = 10


class Pipelines:
    """Reads and changes of project files, each answered with what is now shown."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.timers = Timers(session.files)

    def project(self) -> ProjectInfo:
        """From the files alone, so at once."""
        project, mistakes = self.session.read()
        return project_info(project, mistakes, self.session.target, {}, {})

    def activity(self) -> Activity:
        """From the target; without it the pages still work, and say why it is silent."""
        try:
            runs = {
                str(pipeline.id): found
                for pipeline, found in all_summaries(self.session.workspace(), LAST_RUNS)
            }
        except BlockliftError as error:
            return Activity({}, {}, f"{error} {error.hint}".strip())
        curls: dict[str, dict[str, str]] = {}
        for (pipeline, trigger), text in self.curls().items():
            curls.setdefault(pipeline, {})[trigger] = text
        return Activity(runs, curls, clocks=clocks(self.session.workspace()))

    def curls(self) -> dict[tuple[str, str], str]:
        from deployer.cli.triggers import curl, ways

        with suppress(BlockliftError):
            found = ways(self.session.workspace(), ())
            return {
                (way["pipeline"], way["trigger"]): curl(way) for way in found if "trigger" in way
            }
        return {}

    def pipeline(self, name: str) -> PipelineInfo:
        project, mistakes = self.session.read()
        pipeline = self.session.pipeline(name)
        return pipeline_info(project, pipeline, mistakes, [], "", {})

    def create(self, body: Mapping[str, Any]) -> PipelineInfo:
        uuid = self.session.editor.create(str(body.get("id") or ""), body.get("copy_of"))
        return self.shown(uuid)

    def change(self, name: str, body: Mapping[str, Any]) -> PipelineInfo:
        return self.shown(self.session.editor.change_pipeline(name, body))

    def discard(self, name: str) -> None:
        self.session.editor.discard(name)
        self.session.changed(f"pipelines/{name}")

    def add_block(self, name: str, block: NewBlock) -> PipelineInfo:
        chosen = next((item for item in templates() if item.id == block.template), None)
        if chosen is None:
            raise StudioError(400, f"There is no template {block.template}")
        self.session.editor.add_block(name, block, chosen.code, chosen.configuration)
        return self.shown(name)

    def change_block(self, name: str, block: str, change: BlockChange) -> PipelineInfo:
        self.session.editor.change_block(name, block, change)
        return self.shown(name)

    def remove_block(self, name: str, block: str) -> PipelineInfo:
        self.session.editor.remove_block(name, block)
        return self.shown(name)

    def add_trigger(self, name: str, wanted: TriggerChange) -> PipelineInfo:
        self.session.pipeline(name)
        self.timers.add(name, wanted)
        return self.shown(name)

    def change_trigger(self, name: str, trigger: str, change: TriggerChange) -> PipelineInfo:
        self.timers.change(name, trigger, change)
        return self.shown(name)

    def hold(self, name: str, trigger: str, paused: bool) -> None:
        """Pause or resume a deployed schedule, whatever triggers.yaml says."""
        hold(self.session.workspace(), self.session.pipeline(name), trigger, paused)

    def remove_trigger(self, name: str, trigger: str) -> PipelineInfo:
        self.timers.remove(name, trigger)
        return self.shown(name)

    def save(self, path: str, text: str, version: str) -> FileText:
        saved = self.session.files.write(path, text, version)
        self.session.changed(path)
        return saved

    def shown(self, name: str) -> PipelineInfo:
        self.session.changed(f"pipelines/{name}/metadata.yaml")
        return self.pipeline(name)

    def secrets(self) -> list[SecretInfo]:
        """Every name that a block asks for; values are never read into an answer."""
        from deployer.settings.names import needed

        workspace = self.session.workspace()
        users: dict[str, list[str]] = {}
        for pipeline in self.session.project.pipelines:
            for block in pipeline.blocks:
                for name in needed(self.session.project, pipeline, block):
                    users.setdefault(name, []).append(function_id(pipeline, block))
        known = workspace.known_values()
        return [SecretInfo(name, name in known, users[name]) for name in sorted(users)]

    def search(self, text: str) -> list[dict[str, str]]:
        """Pipelines and blocks whose names hold the text, at most 40."""
        found: list[dict[str, str]] = []
        wanted = text.lower()
        for pipeline in self.session.project.pipelines:
            path = f"/pipelines/{pipeline.id}"
            if wanted in f"{pipeline.id} {pipeline.name}".lower():
                found.append(
                    {"kind": "pipeline", "title": pipeline.name or pipeline.id, "path": path}
                )
            found += [
                {"kind": "block", "title": block.id, "path": f"{path}?block={block.id}"}
                for block in pipeline.blocks
                if wanted in f"{block.id} {block.name}".lower()
            ]
        return found[:40]
