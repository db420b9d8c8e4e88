"""The scheduler of one execution: which thread runs, what it asks for, and the limits."""

from __future__ import annotations

from collections import deque
from random import Random
from typing import Any

from emulator.workflows.code import CALL, RETURN, WAIT, Frame
from emulator.workflows.compile import Compiled
from emulator.workflows.effects import Effect, Failure, Reply, Request
from emulator.workflows.errors import Fatal, LanguageError, resource_error
from emulator.workflows.functions import Context
from emulator.workflows.lay_parallel import Fork
from emulator.workflows.observer import Observer, StepInfo
from emulator.workflows.threads import Join, Receive, Thread
from emulator.workflows.values import check_json
from emulator.workflows.watch import Watch

SLICE = 5_000
"""Steps between two pauses."""


class Run:
    """Everything that changes while one program runs."""

    def __init__(
        self, code: Compiled, context: Context, random: Random | None, observer: Observer | None
    ) -> None:
        self.code = code
        self.context = context
        self.limits = context.limits
        self.random = random
        self.watch = None if observer is None else Watch(observer)
        self.memory = 0
        self.steps = 0
        """Operations done; `free` of them are no steps of the language."""
        self.free = 0
        self.current: Thread
        self.result: tuple[Any] | None = None
        self.ready: deque[Thread] = deque()
        self.joins: list[Join] = []
        """Parallel steps with threads still to start."""
        self.returning: deque[Thread] = deque()
        """Threads whose parallel step is done, waiting for a place among the running ones."""
        self.running = 0
        """Branches and iterations that hold a place; one that waits for its own does not."""
        self.threads = 0
        self.branch_errors = 0
        self.asked: list[Request] = []
        self.open: dict[int, Thread] = {}
        self.requests = 0

    def begin(self, argument: Any) -> None:
        main = self.code.entrances.main(self, argument)
        self.ready.append(Thread(0, self.code.codes["main"], main))

    # --- asked by operations

    def ask(self, effect: Effect, info: StepInfo) -> None:
        request = Request(self.requests, effect, info.name, info.routine)
        self.requests += 1
        self.asked.append(request)
        self.open[request.id] = self.current

    def fork(self, fork: Fork, frame: Frame, info: StepInfo) -> None:
        join = Join(self.current, fork, frame, info)
        self.joins.append(join)
        if self.current.join is not None:
            self.running -= 1
        if fork.count == 0:
            self.joins.remove(join)
            self.finish_join(join)

    # --- asked by the driver's side

    def take_requests(self) -> tuple[Request, ...]:
        asked, self.asked = tuple(self.asked), []
        return asked

    def deliver(self, reply: Reply) -> None:
        thread = self.open.pop(reply.id)
        self.steps += reply.steps
        thread.inbox = (reply.value,)
        self.ready.append(thread)

    def work(self, slice_: int) -> bool:
        """Run until every thread waits (False) or so many steps are done (True)."""
        stop = self.steps + slice_
        while self.result is None:
            self.admit()
            if not self.ready:
                return False
            if self.steps >= stop:
                return True
            thread = self.pick()
            self.current = thread
            self.advance(thread, stop)
        return False

    def pick(self) -> Thread:
        if self.random is not None and len(self.ready) > 1:
            self.ready.rotate(-self.random.randrange(len(self.ready)))
        return self.ready.popleft()

    def admit(self) -> None:
        """Let threads start, at most 20 at once; those that come back go first."""
        while self.returning and self.running < self.limits.threads:
            self.running += 1
            self.ready.append(self.returning.popleft())
        while self.running < self.limits.threads:
            join = next((join for join in self.joins if join.can_start), None)
            if join is None:
                return
            self.start(join)

    def start(self, join: Join) -> None:
        number = join.next
        join.next += 1
        join.active += 1
        if join.next == join.fork.count:
            self.joins.remove(join)
        self.running += 1
        self.threads += 1
        owner = join.owner
        try:
            name, code, frame = join.fork.start(number, join.frame, self)
        except Fatal as fatal:
            self.stop(fatal)
            return
        thread = Thread(self.threads, code, frame)
        thread.parent, thread.branch, thread.join, thread.number = owner.id, name, join, number
        thread.nesting, thread.base = owner.nesting + 1, owner.depth - 1
        if self.watch is not None:
            self.watch.inherit(thread, join.info)
        self.ready.append(thread)

    # --- running one thread

    def advance(self, thread: Thread, stop: int) -> None:
        """Until the thread waits, ends, or its turn is over."""
        if self.random is not None:
            stop = min(stop, self.steps + self.random.randrange(1, 8))
        stop = min(stop, self.limits.steps + self.free + 1)
        try:
            going = self.loop(thread, stop)
        except LanguageError as error:
            going = self.handle(thread, error)
        except RecursionError:
            going = self.handle(thread, resource_error("value is nested too deeply"))
        if self.steps - self.free > self.limits.steps:
            self.stop(resource_error("Step limit exceeded"), thread)
        elif going:
            self.ready.append(thread)

    def loop(self, thread: Thread, stop: int) -> bool:
        """The innermost loop: one operation after the other. False when the thread waits or
        has ended.
        """
        operations, frame, at = thread.code.operations, thread.frame, thread.position
        watch, steps = self.watch, self.steps
        position = at
        try:
            if thread.inbox is not None:
                position = received(thread)
            while True:
                if position >= 0:
                    at = position
                    if steps >= stop:
                        return True
                    if watch is not None:
                        watch.before(thread, at)
                    steps += 1
                    position = operations[at](frame)
                elif position == CALL:
                    at = position = self.enter(thread, at)
                    operations, frame = thread.code.operations, thread.frame
                elif position == RETURN and thread.stack:
                    receive = self.leave(thread)
                    operations, frame, at = thread.code.operations, thread.frame, thread.position
                    position = receive(frame, thread.returned)
                else:
                    if position != WAIT:
                        self.end(thread)
                    return False
        finally:
            thread.position = at
            self.steps = steps

    def enter(self, thread: Thread, at: int) -> int:
        """Into the routine that an operation called."""
        invoke, receive = thread.calling, thread.receive
        assert invoke is not None
        assert receive is not None
        thread.stack.append((thread.code, thread.frame, at, receive))
        thread.code, thread.frame = invoke.code, invoke.frame
        thread.calling = None
        if self.watch is not None:
            thread.open.append([])
        return 0

    def leave(self, thread: Thread) -> Receive:
        """Back to the caller; what the routine's variables took is free again."""
        if self.watch is not None:
            self.watch.left(thread)
        self.memory -= sum(thread.frame[thread.code.sizes])
        thread.code, thread.frame, thread.position, receive = thread.stack.pop()
        return receive

    def handle(self, thread: Thread, error: LanguageError) -> bool:
        """Look for the handler of an error, from the innermost routine outwards. A jump to it
        is all that catching takes.
        """
        if error.stack is None:
            error.stack = thread.trace(error.at)
        error.__traceback__ = None
        if not error.catchable:
            self.stop(error, thread)
            return False
        while True:
            handler = thread.code.handlers[thread.position]
            if self.watch is not None:
                self.watch.failed(thread, handler, error)
            if handler is not None:
                thread.frame[handler.error] = error
                thread.position = int(handler.entry)
                return True
            if not thread.stack:
                thread.error = error
                self.end(thread)
                return False
            self.leave(thread)

    def stop(self, error: LanguageError, thread: Thread | None = None) -> None:
        """End the execution at once."""
        if error.stack is None:
            error.stack = () if thread is None else thread.trace(error.at)
        if self.watch is not None and thread is not None:
            self.watch.failed(thread, None, error)
        self.result = (error,)

    def end(self, thread: Thread) -> None:
        if self.watch is not None:
            self.watch.left(thread)
        self.memory -= sum(thread.frame[thread.code.sizes])
        join = thread.join
        if join is None:
            self.result = (thread.error or self.checked(thread),)
            return
        self.running -= 1
        join.active -= 1
        join.done += 1
        if thread.error is not None:
            self.branch_failed(join, thread, thread.error)
        if join.finished:
            self.finish_join(join)

    def checked(self, thread: Thread) -> Any:
        """The result of the execution; what has no JSON form is none."""
        try:
            check_json(thread.returned)
        except LanguageError as error:
            error.stack = thread.trace(None)
            return error
        return thread.returned

    def branch_failed(self, join: Join, thread: Thread, error: LanguageError) -> None:
        base = self.context.choices.branch_id_base
        name = thread.branch if join.named else str(thread.number + base)
        join.errors.append((thread.number, name, error))
        self.branch_errors += 1
        too_many = self.branch_errors > self.limits.branch_errors
        if too_many and self.context.choices.too_many_branch_errors == "fail":
            self.stop(resource_error("Unhandled exceptions limit exceeded"), thread)

    def finish_join(self, join: Join) -> None:
        """The thread that forked goes on."""
        owner = join.owner
        owner.inbox = (join.failure(self.limits.branch_errors),)
        (self.ready if owner.join is None else self.returning).append(owner)


def received(thread: Thread) -> int:
    """Take the reply that the thread waited for; a failure becomes an error here."""
    assert thread.inbox is not None
    assert thread.receive is not None
    (value,) = thread.inbox
    thread.inbox = None
    if isinstance(value, Failure):
        fields = {**value.fields, "message": value.message, "tags": list(value.tags)}
        raise LanguageError(fields)
    if isinstance(value, LanguageError):
        raise value
    return thread.receive(thread.frame, value)
