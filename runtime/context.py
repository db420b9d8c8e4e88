"""Which call of which block this is, for helpers that users' code calls without saying so."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from runtime.artifacts import Artifacts
from runtime.contract import BlockRequest, BlockSpec
from runtime.errors import SettingsProblem
from runtime.record import field, record

REPO_PATH = "MAGE_RUNTIME__REPO_PATH"


@record
class Context:
    """One call of one block."""

    spec: BlockSpec
    request: BlockRequest
    project: str
    """Absolute path of the Mage project's folder; its parent is where imports begin."""
    artifacts: Artifacts
    counted: Counter[str] = field(default_factory=Counter)
    """How often this call has done something already, by name."""

    @classmethod
    def of(cls, spec: BlockSpec, request: BlockRequest, project: str) -> Context:
        from runtime.gcs import Bucket

        artifacts = Artifacts(Bucket(request.bucket), spec.project, spec.pipeline, request.run)
        return cls(spec, request, project, artifacts)

    @property
    def file(self) -> str:
        """The block's file."""
        return os.path.normpath(f"{self.project}/{self.spec.path}")

    @property
    def prefix(self) -> str:
        """Where this call's manifest belongs; what is attached to blocks has a place for each."""
        parent = (self.spec.parent,) if self.spec.parent else ()
        return self.artifacts.prefix(self.spec.block, *parent, *self.request.index)


_context: ContextVar[Context | None] = ContextVar("context", default=None)
_last: list[Context] = []


@contextmanager
def entered(context: Context) -> Iterator[None]:
    token = _context.set(context)
    _last.append(context)
    try:
        yield
    finally:
        _context.reset(token)
        _last.remove(context)


def current() -> Context | None:
    """The call of this thread; for a thread that a block started, the call last begun."""
    return _context.get() or (_last[-1] if _last else None)


def required(what: str) -> Context:
    """The call, for helpers that mean nothing without one."""
    if (context := current()) is None:
        raise SettingsProblem(f"{what} works only while a block runs")
    return context


def repo_path() -> str:
    """The project's folder, as Mage's `get_repo_path` gives it."""
    context = current()
    return context.project if context else os.environ.get(REPO_PATH) or os.path.realpath(".")
