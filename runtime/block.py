"""Execute one block file as Mage does.

The text is compiled once per process and executed in a new dict for every call: nothing
survives at module level, `__name__` is not "__main__", there is no `__file__`. The names in
that dict beforehand: the upstream outputs under their uuids and as `df_1 … df_n`, the
decorator of the block's own type, `test` and `preprocesser`. The first function with the
type's decorator is the main one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import CodeType
from typing import Any

from runtime import homecoming
from runtime.arguments import Shape, call_leniently, call_main, finished
from runtime.contract import TestResult
from runtime.decorators import (
    ALWAYS,
    DECORATOR_OF_TYPE,
    LEGACY_CALLBACKS,
    Decorated,
    Function,
    Registry,
    running,
)
from runtime.errors import InputProblem, TestsFailed
from runtime.record import record


@record
class Inputs:
    """What a block is called with."""

    upstream: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()

    def names(self) -> dict[str, Any]:
        named = dict(zip(self.upstream, self.values, strict=True))
        return named | {f"df_{n}": value for n, value in enumerate(self.values, 1)}


_compiled: dict[tuple[str, str], tuple[tuple[int, int], CodeType]] = {}


def compiled(path: str, project: str) -> CodeType:
    """The file's code object, compiled again only when the file changed."""
    from pathlib import Path

    facts = Path(path).stat()
    stamp = (facts.st_mtime_ns, facts.st_size)
    known = _compiled.get((path, project))
    if known is None or known[0] != stamp:
        text = Path(path).read_text(encoding="utf-8-sig")
        known = (stamp, homecoming.compiled(text, path, project))
        _compiled[path, project] = known
    return known[1]


def loaded(path: str, kind: str, names: Mapping[str, Any], project: str = "") -> Registry:
    """Run the file's module level; what it decorated is in the registry."""
    registry = Registry(dict(names))
    decorator = DECORATOR_OF_TYPE.get(kind, kind)
    for name in (decorator, *ALWAYS, *(LEGACY_CALLBACKS if kind == "callback" else ())):
        registry.namespace[name] = registry.injected(name)
    token = running.set(registry)
    try:
        exec(compiled(path, project), registry.namespace)  # noqa: S102 (this is what it is for)
    finally:
        running.reset(token)
    return registry


def main_function(registry: Registry, path: str, kind: str) -> Function:
    """The first function that carries the decorator of the block's type."""
    decorator = DECORATOR_OF_TYPE.get(kind, kind)
    if functions := registry.functions(decorator):
        return functions[0]
    raise InputProblem(f"no function is decorated with @{decorator}", file=path, line=1)


def run_main(registry: Registry, path: str, kind: str, inputs: Inputs, kwargs: Any) -> Any:
    """Preprocessers, then the main function; its return value as it is."""
    function = main_function(registry, path, kind)
    for preprocesser in registry.functions("preprocesser"):
        call_main(preprocesser, inputs.values, kwargs, inputs.upstream)
    return call_main(function, inputs.values, kwargs, inputs.upstream)


def run_sensor(registry: Registry, path: str, inputs: Inputs, kwargs: Any) -> bool:
    """One look: positional arguments only for a sensor that takes `*args`."""
    function = main_function(registry, path, "sensor")
    return bool(call_leniently(function, inputs.values, kwargs))


def run_conditions(registry: Registry, inputs: Inputs, kwargs: Any) -> bool:
    """True when every condition holds; the first exception ends it (the caller logs it)."""
    conditions = registry.functions("condition")
    return all(bool(call_main(f, inputs.values, kwargs, inputs.upstream)) for f in conditions)


def callbacks_for(registry: Registry, outcome: str) -> list[Decorated]:
    """The functions for this outcome; a bare `@callback` means success."""
    legacy = f"on_{outcome}"
    return [
        item
        for item in registry.found
        if item.decorator == legacy
        or (item.decorator == "callback" and (item.arguments or ("success",))[0] == outcome)
    ]


def run_callback(item: Decorated, inputs: Inputs, outputs: Sequence[Any], kwargs: Any) -> None:
    """Old style: keyword arguments only; else the parent's output, or its outputs one by one."""
    if item.decorator in LEGACY_CALLBACKS:
        finished(item.function(**kwargs))
        return
    import inspect

    parameters = inspect.signature(item.function).parameters.values()
    if all(p.kind in (p.KEYWORD_ONLY, p.VAR_KEYWORD) for p in parameters):
        kwargs = {**kwargs, "__input": inputs.names()}
    named = sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
    given = outputs if named > 1 and len(outputs) > 1 else inputs.values
    call_leniently(item.function, given, kwargs)


def run_tests(registry: Registry, outputs: Sequence[Any], kwargs: Any) -> list[TestResult]:
    """Every `@test`, each with all outputs; the failed ones are reported together."""
    tested = [_tested(test, outputs, kwargs) for test in registry.functions("test")]
    failed = [(result, place) for result, place in tested if not result.passed]
    if failed:
        file, line = failed[0][1]
        message = "; ".join(f"{result.name}: {result.message}" for result, _ in failed)
        raise TestsFailed(message, file=file, line=line)
    return [result for result, _ in tested]


def _tested(
    test: Function, outputs: Sequence[Any], kwargs: Any
) -> tuple[TestResult, tuple[str, int]]:
    """Only an AssertionError is a failed test; without any output a test gets None."""
    name = getattr(test, "__name__", "test")
    given = outputs or [None] * Shape.of(test).needed
    try:
        call_main(test, given, kwargs, [f"output_{n}" for n in range(len(given))])
    except AssertionError as error:
        import linecache

        file, line = _innermost(error, test)
        said = str(error) or linecache.getline(file, line).strip() or "assertion failed"
        return TestResult(name, False, said), (file, line)
    return TestResult(name, True), ("", 0)


def _innermost(error: BaseException, function: Function) -> tuple[str, int]:
    """Where in the function's own file the error came from."""
    file = getattr(getattr(function, "__code__", None), "co_filename", "")
    line, frame = 0, error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == file:
            line = frame.tb_lineno
        frame = frame.tb_next
    return file, line
