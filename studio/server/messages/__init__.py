"""Every JSON that the browser sends or gets. studio/web/src/api/messages.gen.ts is made of it.

Times are Unix seconds; text that an author or a block wrote is never HTML. A file's `version`
is a digest of its bytes: an edit names the version that it was made from, and is answered with
409 and an `EditConflict` when the file has changed since.
"""

from __future__ import annotations

from studio.server.messages.console import (
    BucketInfo,
    ConnectionTest,
    ObjectInfo,
    ProcessInfo,
    ProfileInfo,
    SecretInfo,
    TableInfo,
)
from studio.server.messages.deploying import (
    ChangeInfo,
    CostInfo,
    CostItem,
    DeploymentInfo,
    PlanInfo,
    RightInfo,
)
from studio.server.messages.editing import (
    BlockChange,
    BlockInfo,
    DebugInfo,
    EditConflict,
    FileText,
    NewBlock,
    PipelineInfo,
    Template,
)
from studio.server.messages.outputs import (
    ChartChange,
    ChartData,
    ChartInfo,
    Column,
    ColumnProfile,
    OutputInfo,
    Page,
    Series,
    TestInfo,
)
from studio.server.messages.projects import (
    Activity,
    Clock,
    PipelineSummary,
    ProjectInfo,
    TriggerChange,
    TriggerInfo,
)
from studio.server.messages.runs import (
    BackfillSlot,
    BlockRun,
    Comparison,
    Event,
    Failure,
    LogLine,
    RunInfo,
    RunSummary,
    SchemaChange,
    StepInfo,
)
from studio.server.messages.shared import BlockState, Json, Problem, RunState

__all__ = [
    "Activity",
    "BackfillSlot",
    "BlockChange",
    "BlockInfo",
    "BlockRun",
    "BlockState",
    "BucketInfo",
    "ChangeInfo",
    "ChartChange",
    "ChartData",
    "ChartInfo",
    "Clock",
    "Column",
    "ColumnProfile",
    "Comparison",
    "ConnectionTest",
    "CostInfo",
    "CostItem",
    "DebugInfo",
    "DeploymentInfo",
    "EditConflict",
    "Event",
    "Failure",
    "FileText",
    "Json",
    "LogLine",
    "NewBlock",
    "ObjectInfo",
    "OutputInfo",
    "Page",
    "PipelineInfo",
    "PipelineSummary",
    "PlanInfo",
    "Problem",
    "ProcessInfo",
    "ProfileInfo",
    "ProjectInfo",
    "RightInfo",
    "RunInfo",
    "RunState",
    "RunSummary",
    "SchemaChange",
    "SecretInfo",
    "Series",
    "StepInfo",
    "TableInfo",
    "Template",
    "TestInfo",
    "TriggerChange",
    "TriggerInfo",
]
