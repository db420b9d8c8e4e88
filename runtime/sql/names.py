"""Which table belongs to which block, by Mage's rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runtime.contract import BlockSpec
from runtime.names import clean_name
from runtime.record import record

PREFIXES = {"dev": "dev_", "test": "test_"}


@record
class Place:
    """A table's full name; parts that nothing names are None."""

    database: str | None
    schema: str | None
    table: str


@record
class Upstream:
    """What a SQL block knows of an upstream block."""

    uuid: str
    type: str = ""
    language: str = "python"
    configuration: Mapping[str, Any] | None = None
    content: str | None = None
    upstream: tuple[Upstream, ...] = ()

    @classmethod
    def of(cls, uuid: str, spec: Mapping[str, Any]) -> Upstream:
        """From an entry of BlockSpec.upstream_specs; a SQL block's carries its own upstream."""
        below = spec.get("upstream_specs") or {}
        return cls(
            uuid=uuid,
            type=spec.get("type", ""),
            language=spec.get("language", "python"),
            configuration=spec.get("configuration") or {},
            content=spec.get("content"),
            upstream=tuple(
                cls.of(name, below.get(name) or {}) for name in spec.get("upstream") or ()
            ),
        )

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.configuration or {}


def upstream_of(spec: BlockSpec) -> tuple[Upstream, ...]:
    return tuple(Upstream.of(u, spec.upstream_specs.get(u) or {}) for u in spec.upstream)


def table_name(pipeline: str, uuid: str, configuration: Mapping[str, Any], env: str | None) -> str:
    """`data_provider_table` as it is, else `<pipeline>_<block>_v1`, prefixed outside prod."""
    if given := configuration.get("data_provider_table"):
        return str(given)
    return f"{PREFIXES.get(env or '', '')}{pipeline}_{clean_name(uuid, keep='/')}_v1"


def upstream_place(
    configuration: Mapping[str, Any],
    upstream: Upstream,
    default: str,
    *,
    no_schema: bool = False,
) -> Place:
    """Where an upstream block's table is: as this block's configuration says, or by default."""
    wished = (configuration.get("upstream_block_configuration") or {}).get(upstream.uuid) or {}
    parts = str(wished.get("table_name") or default).split(".")
    database = schema = None
    if len(parts) == 3:
        database, schema, table = parts
    elif len(parts) == 2 and no_schema:
        database, table = parts
    elif len(parts) == 2:
        schema, table = parts
    else:
        table = parts[-1]
    if not schema and not no_schema:
        schema = _schema(configuration, upstream.settings)
    return Place(database, schema, table)


def _schema(configuration: Mapping[str, Any], above: Mapping[str, Any]) -> str | None:
    """The upstream block's own schema if both use the same database, else this block's; a dbt
    model's is that of its profile.
    """
    if model := above.get("dbt_schema"):
        return str(model)
    same = all(
        configuration.get(key) == above.get(key)
        for key in ("data_provider", "data_provider_profile")
    )
    mine: str | None = configuration.get("data_provider_schema")
    return (above.get("data_provider_schema") or mine) if same else mine
