"""Charts of a pipeline on disk: its `widgets` and the files in charts/, as Mage stores them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from studio.server.edit import Editor, clean_name, yaml
from studio.server.errors import StudioError, missing
from studio.server.files import version_of, write_beside
from studio.server.messages import ChartChange, ChartInfo
from studio.server.views import plain


class Widgets:
    """The verbs of the charts beside a pipeline."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor

    def all(self, pipeline: str) -> list[ChartInfo]:
        document = yaml().load(self.editor.metadata(pipeline).read_text()) or {}
        return [self._shown(item) for item in document.get("widgets") or []]

    def one(self, pipeline: str, chart: str) -> ChartInfo:
        for found in self.all(pipeline):
            if found.id == chart:
                return found
        raise missing(f"chart {chart}")

    def add(self, pipeline: str, wanted: ChartChange) -> None:
        """A chart's uuid is made of its name; two blocks or charts never share one."""
        name = (wanted.name or "").strip()
        uuid = clean_name(name).replace("/", "_")

        def append(document: CommentedMap) -> None:
            if uuid in taken(document):
                raise StudioError(409, f"This pipeline has a block or chart {uuid} already")
            entry = CommentedMap(fresh(name, uuid))
            change_entry(entry, wanted)
            widgets_of(document).append(entry)

        self.editor.edit(pipeline, append)
        if not self._file(uuid).exists() or wanted.code:
            self._write(uuid, wanted.code or "")

    def change(self, pipeline: str, chart: str, change: ChartChange) -> None:
        self.editor.edit(pipeline, lambda document: change_entry(named(document, chart), change))
        if change.code is not None:
            self._write(chart, change.code)

    def remove(self, pipeline: str, chart: str) -> None:
        """Out of the pipeline; its file stays."""
        self.editor.edit(
            pipeline, lambda document: widgets_of(document).remove(named(document, chart))
        )

    def _file(self, uuid: str) -> Path:
        return self.editor.files.place(f"charts/{uuid}.py")

    def _write(self, uuid: str, code: str) -> None:
        self._file(uuid).parent.mkdir(exist_ok=True)
        write_beside(self._file(uuid), code.encode())

    def _shown(self, item: Mapping[str, Any]) -> ChartInfo:
        uuid = str(item.get("uuid") or "")
        configuration = plain(item.get("configuration") or {})
        file = self._file(uuid)
        data = file.read_bytes() if file.is_file() else b""
        return ChartInfo(
            id=uuid,
            name=str(item.get("name") or uuid),
            kind=str(configuration.get("chart_type") or "table"),
            block=str(next(iter(item.get("upstream_blocks") or []), "")),
            configuration=configuration,
            code=data.decode(errors="replace"),
            path=f"charts/{uuid}.py",
            version=version_of(data),
        )


def widgets_of(document: CommentedMap) -> CommentedSeq:
    if not isinstance(document.get("widgets"), list):
        document["widgets"] = CommentedSeq()
    widgets: CommentedSeq = document["widgets"]
    if not widgets:
        widgets.fa.set_block_style()
    return widgets


def taken(document: CommentedMap) -> set[str]:
    kinds = ("blocks", "callbacks", "conditionals", "widgets")
    return {str(item.get("uuid")) for kind in kinds for item in document.get(kind) or []}


def named(document: CommentedMap, chart: str) -> CommentedMap:
    for item in document.get("widgets") or []:
        if item.get("uuid") == chart:
            entry: CommentedMap = item
            return entry
    raise missing(f"chart {chart}")


def change_entry(entry: CommentedMap, change: ChartChange) -> None:
    if change.name is not None:
        entry["name"] = change.name.strip() or entry["uuid"]
    if change.block is not None:
        entry["upstream_blocks"] = [change.block] if change.block else []
    if change.configuration is not None:
        entry["configuration"] = change.configuration


def fresh(name: str, uuid: str) -> dict[str, Any]:
    """An entry with the keys that Mage's editor writes, in its order."""
    return {
        "all_upstream_blocks_executed": True,
        "color": None,
        "configuration": {},
        "downstream_blocks": [],
        "executor_config": None,
        "executor_type": "local_python",
        "has_callback": False,
        "language": "python",
        "name": name,
        "retry_config": None,
        "status": "not_executed",
        "timeout": None,
        "type": "chart",
        "upstream_blocks": [],
        "uuid": uuid,
    }
