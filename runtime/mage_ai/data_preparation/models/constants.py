"""Mage's words for kinds of blocks, languages and pipelines."""

from __future__ import annotations

from enum import StrEnum


class BlockType(StrEnum):
    """Kinds of blocks."""

    CALLBACK = "callback"
    CONDITIONAL = "conditional"
    CHART = "chart"
    CUSTOM = "custom"
    DATA_EXPORTER = "data_exporter"
    DATA_LOADER = "data_loader"
    DBT = "dbt"
    EXTENSION = "extension"
    GLOBAL_DATA_PRODUCT = "global_data_product"
    HOOK = "hook"
    MARKDOWN = "markdown"
    SCRATCHPAD = "scratchpad"
    SENSOR = "sensor"
    TRANSFORMER = "transformer"


class BlockLanguage(StrEnum):
    """Languages of blocks."""

    MARKDOWN = "markdown"
    PYTHON = "python"
    R = "r"
    SQL = "sql"
    YAML = "yaml"


class PipelineType(StrEnum):
    """Types of pipelines."""

    DATABRICKS = "databricks"
    INTEGRATION = "integration"
    PYTHON = "python"
    PYSPARK = "pyspark"
    STREAMING = "streaming"


class ExecutorType(StrEnum):
    """Where a block runs, in Mage."""

    LOCAL_PYTHON = "local_python"
    LOCAL_PYTHON_FORCE = "local_python_force"
    PYSPARK = "pyspark"
    K8S = "k8s"
    ECS = "ecs"
    GCP_CLOUD_RUN = "gcp_cloud_run"
    AZURE_CONTAINER_INSTANCE = "azure_container_instance"
