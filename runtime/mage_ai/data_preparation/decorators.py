"""Mage's decorators as blocks import them; see `runtime.decorators` for what they do."""

from __future__ import annotations

from typing import Any

from runtime.decorators import Function, imported

callback = imported("callback")
condition = imported("condition")
custom = imported("custom")
data_exporter = imported("data_exporter")
data_loader = imported("data_loader")
extension = imported("extension")
on_failure = imported("on_failure")
on_success = imported("on_success")
preprocesser = imported("preprocesser")
sensor = imported("sensor")
test = imported("test")
test.__test__ = False  # type: ignore[attr-defined]  # pytest must not collect it from a user's file
transformer = imported("transformer")

# Marks of charts, streaming and integrations: they mean nothing to a block in a function.
columns = imported("columns")
configuration = imported("configuration")
data_integration_catalog = imported("data_integration_catalog")
data_integration_config = imported("data_integration_config")
data_integration_destination = imported("data_integration_destination")
data_integration_query = imported("data_integration_query")
data_integration_selected_streams = imported("data_integration_selected_streams")
data_integration_source = imported("data_integration_source")
data_source = imported("data_source")
preprocesser_functions = imported("preprocesser_functions")
render = imported("render")
streaming_sink = imported("streaming_sink")
streaming_source = imported("streaming_source")
x = imported("x")
xy = imported("xy")
y = imported("y")


def collect_decorated_objs(decorated: list[Any]) -> Function:
    """A decorator that appends what it marks to a list."""

    def collect(function: Function) -> Function:
        decorated.append(function)
        return function

    return collect
