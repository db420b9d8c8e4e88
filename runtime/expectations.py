"""Great Expectations: extension blocks that look at what a block returned.

Mage calls each function with `@extension('great_expectations')` with a validator of the block's
output, after the block's own tests; an expectation that is not met fails the block. The
validator is the library's own (0.18 and 1.x): nothing is stored, and nothing is told to anyone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runtime import block
from runtime.arguments import call_leniently
from runtime.context import Context
from runtime.contract import TestResult
from runtime.errors import InputProblem, TestsFailed
from runtime.libraries import library

NAME = "great_expectations"
SILENT = "GX_ANALYTICS_ENABLED"


def met(context: Context, outputs: Sequence[Any], kwargs: Mapping[str, Any]) -> list[TestResult]:
    """One result for each expectation of each check; those that are not met are an error."""
    results = []
    for check in context.spec.checks:
        results += _checked(context, check, outputs, kwargs)
    return results


def _checked(
    context: Context, check: Mapping[str, str], outputs: Sequence[Any], kwargs: Mapping[str, Any]
) -> list[TestResult]:
    file = os.path.normpath(f"{context.project}/{check['path']}")
    registry = block.loaded(file, "extension", {}, context.project)
    first = block.main_function(registry, file, "extension")
    validator = validator_of(_table(context, check, outputs), context.spec.block)
    for function in registry.functions("extension"):
        call_leniently(function, (validator,), {**kwargs, "block_uuid": check["block"]})
    results = [_result(found) for found in validator.validate().results]
    if failed := [result.message for result in results if not result.passed]:
        line = getattr(getattr(first, "__code__", None), "co_firstlineno", 0)
        message = f"{check['block']}: {'; '.join(failed)}"
        raise TestsFailed(message, file=file, line=line)
    return results


def _table(context: Context, check: Mapping[str, str], outputs: Sequence[Any]) -> Any:
    """The first output that is a table, as pandas has it."""
    for output in outputs:
        if hasattr(output, "columns"):
            return output.to_pandas() if hasattr(output, "to_pandas") else output
    kinds = ", ".join(type(output).__name__ for output in outputs) or "nothing"
    raise InputProblem(f"{check['block']} checks tables, but {context.spec.block} returned {kinds}")


def validator_of(frame: Any, name: str) -> Any:
    """What the library checks a table with."""
    os.environ.setdefault(SILENT, "false")
    gx = library(NAME, "great-expectations", feature="an extension block")
    context = gx.get_context(mode="ephemeral")
    sources = getattr(context, "data_sources", None) or context.sources
    asset = sources.add_pandas("mage").add_dataframe_asset(name)
    return context.get_validator(
        batch_request=_request(asset, frame), create_expectation_suite_with_name=name
    )


def _request(asset: Any, frame: Any) -> Any:
    if not hasattr(asset, "add_batch_definition_whole_dataframe"):  # before 1.0
        return asset.build_batch_request(dataframe=frame)
    whole = asset.add_batch_definition_whole_dataframe("all")
    return whole.build_batch_request(batch_parameters={"dataframe": frame})


def _result(found: Any) -> TestResult:
    about = found.expectation_config
    name = getattr(about, "type", None) or about.expectation_type
    given = ", ".join(f"{key}={value!r}" for key, value in _given(about.kwargs))
    call = f"{name}({given})"
    return TestResult(call, bool(found.success), f"{call}{_seen(found)}")


def _given(kwargs: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((key, value) for key, value in kwargs.items() if key != "batch_id")


def _seen(found: Any) -> str:
    result = found.result or {}
    if (count := result.get("unexpected_count")) is not None:
        return f": {count} of {result.get('element_count')} values are not as expected"
    seen = result.get("observed_value")
    return f": observed {seen!r}" if seen is not None else ""
