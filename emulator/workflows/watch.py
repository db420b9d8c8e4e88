"""From operations to step entries: tells an observer which steps open and close."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.workflows.code import Handler
from emulator.workflows.effects import Value
from emulator.workflows.errors import LanguageError
from emulator.workflows.observer import Observer, StepInfo
from emulator.workflows.threads import Thread, payload


class Watch:
    """Keeps, for each thread and routine, the steps that are open, outermost first."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer
        self.hears_calls = observer.hears_calls

    def before(self, thread: Thread, position: int) -> None:
        """An operation is about to run: close what it is not part of, open its step."""
        info = thread.code.infos[position]
        if info is None:
            return
        steps = thread.open[-1]
        going_on = position in thread.code.resumes and info in steps
        while steps and steps[-1] not in info.parents and not (going_on and steps[-1] is info):
            self.observer.ended(steps.pop(), thread)
        if going_on:
            return
        for parent in info.parents:
            if parent not in steps:
                self.start(thread, parent)
        self.start(thread, info)

    def start(self, thread: Thread, info: StepInfo) -> None:
        counter = thread.code.counters.get(info)
        number = None if counter is None else int(thread.frame[counter])
        thread.open[-1].append(info)
        self.observer.started(info, thread, number)

    def called(self, thread: Thread, callee: str, arguments: Mapping[str, Value]) -> None:
        if steps := thread.open[-1]:
            self.observer.called(steps[-1], thread, callee, arguments)

    def answered(self, thread: Thread, value: Value) -> None:
        if steps := thread.open[-1]:
            self.observer.answered(steps[-1], thread, value)

    def inherit(self, thread: Thread, info: StepInfo) -> None:
        """A branch begins inside the open steps of the thread that forked it."""
        thread.open = [[*info.parents, info]]
        thread.inherited = len(thread.open[0])

    def left(self, thread: Thread) -> None:
        """A routine or a branch is over."""
        steps = thread.open[-1]
        kept = thread.inherited if len(thread.open) == 1 else 0
        while len(steps) > kept:
            self.observer.ended(steps.pop(), thread)
        thread.open.pop()

    def failed(self, thread: Thread, handler: Handler | None, error: LanguageError) -> None:
        """Everything open fails, up to the step that catches."""
        steps = thread.open[-1]
        text = payload(error.value)
        kept = thread.inherited if len(thread.open) == 1 else 0
        while len(steps) > kept and (handler is None or steps[-1] is not handler.info):
            self.observer.failed(steps.pop(), thread, text)
