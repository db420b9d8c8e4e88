"""What the author wrote, as frozen values: Project, Pipeline, Block, Trigger.

`load` is the only module that makes these. Files are named by paths, never read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, NewType

Json = Any
PREVIEW = "--"
"""Between a project's name and a preview's suffix."""
BlockId = NewType("BlockId", str)
PipelineId = NewType("PipelineId", str)


class Kind(StrEnum):
    """Block kinds that run. Charts, markdown and scratchpads are not loaded as blocks."""

    DATA_LOADER = "data_loader"
    TRANSFORMER = "transformer"
    DATA_EXPORTER = "data_exporter"
    CUSTOM = "custom"
    SENSOR = "sensor"
    CONDITIONAL = "conditional"
    CALLBACK = "callback"
    DBT = "dbt"
    EXTENSION = "extension"
    GLOBAL_DATA_PRODUCT = "global_data_product"
    HOOK = "hook"


class Language(StrEnum):
    PYTHON = "python"
    SQL = "sql"
    R = "r"
    YAML = "yaml"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file: where something was written."""

    path: Path
    line: int = 0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Mage's retry_config (Mage: retrying blocks): `max_delay` caps the sum of sleeps."""

    retries: int = 0
    delay: float = 5.0
    max_delay: float = 60.0
    exponential_backoff: bool = True


@dataclass(frozen=True, slots=True)
class Block:
    """One block of one pipeline; two pipelines that share a file hold two of these."""

    id: BlockId
    kind: Kind
    language: Language
    file: Path
    """Absolute path of the code."""
    place: Place
    """Its entry in the pipeline's metadata.yaml."""
    name: str = ""
    upstream: tuple[BlockId, ...] = ()
    """In argument order."""
    configuration: Mapping[str, Json] = field(default_factory=dict)
    retry: RetryPolicy = RetryPolicy()
    timeout: float | None = None
    executor_type: str = "local_python"
    executor_config: Mapping[str, Json] = field(default_factory=dict)
    replicates: BlockId | None = None
    checks: tuple[Block, ...] = ()
    """Extension blocks (Great Expectations) that look at what this one returned."""
    content: str | None = None
    """Code kept inside metadata.yaml instead of a file; then `file` does not exist."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """One entry of triggers.yaml (Mage: triggers in code)."""

    name: str
    kind: str
    """schedule_type: time, api or event."""
    place: Place
    active: bool = True
    interval: str | None = None
    """@daily … or a cron expression; time triggers only."""
    start_time: str | None = None
    token: str | None = None
    variables: Mapping[str, Json] = field(default_factory=dict)
    settings: Mapping[str, Json] = field(default_factory=dict)
    matchers: tuple[Mapping[str, Json], ...] = ()
    """Event triggers: {event_type, pattern} of the events that start a run."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A DAG of blocks. `callbacks` and `conditionals` name their parents in `upstream`."""

    id: PipelineId
    place: Place
    type: str
    """python, or a type that `check` refuses with a reason."""
    blocks: tuple[Block, ...]
    callbacks: tuple[Block, ...] = ()
    conditionals: tuple[Block, ...] = ()
    extensions: tuple[Block, ...] = ()
    """Those of Great Expectations; the blocks that they check hold them too."""
    variables: Mapping[str, Json] = field(default_factory=dict)
    triggers: tuple[Trigger, ...] = ()
    name: str = ""
    description: str = ""
    settings: Mapping[str, Json] = field(default_factory=dict)
    """notification_config, concurrency_config, … as written."""
    suffix: str = ""
    """Of a preview: part of the names of all that it becomes."""


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with metadata.yaml."""

    name: str
    """Folder name; user code imports the project by it."""
    root: Path
    pipelines: tuple[Pipeline, ...]
    metadata: Mapping[str, Json] = field(default_factory=dict)
    settings: Mapping[str, Json] = field(default_factory=dict)
    """blocklift.yaml: targets, defaults."""
    requirements: Path | None = None
    """requirements.txt, when there is one."""
    io_config: Path | None = None
    products: Mapping[str, Json] = field(default_factory=dict)
    """global_data_products.yaml."""
    suffix: str = ""
    """Of a preview, such as pr-42: it lives beside the real one, under names of its own."""

    @property
    def alias(self) -> str:
        """What tells this project's things in a target from others'."""
        return f"{self.name}{PREVIEW}{self.suffix}" if self.suffix else self.name
