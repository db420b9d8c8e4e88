"""What a well-formed program may still have wrong: scopes, shared variables, jumps, symbols."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.workflows import syntax
from emulator.workflows.expressions.nodes import Literal
from emulator.workflows.jumps import check_jumps
from emulator.workflows.scopes import Scope, Scopes, Unit, everything_written, resolve
from emulator.workflows.source import Place, Problems
from emulator.workflows.symbols import Symbols
from emulator.workflows.syntax import Body, Formula, Loop, Program, Step


def validate(program: Program, problems: Problems) -> None:
    check_jumps(program, problems)
    Validator(program, problems, resolve(program)).check()


class Validator:
    """Walks a program with the scopes that its steps see."""

    def __init__(self, program: Program, problems: Problems, scopes: Scopes) -> None:
        self.program = program
        self.problems = problems
        self.scopes = scopes
        self.symbols = Symbols(program, problems)
        self.shared: dict[Unit, frozenset[str]] = {}

    def check(self) -> None:
        for routine in self.program.routines:
            self.problems.routine, self.problems.step = routine.name, ""
            self.steps(routine.steps, self.scopes.of(routine))

    def steps(self, steps: Iterable[Step], scope: Scope) -> None:
        for step in steps:
            outer, self.problems.step = self.problems.step, step.name
            self.body(step.body, scope)
            self.problems.step = outer

    def body(self, body: Body, scope: Scope) -> None:
        for name, at in everything_written(body):
            self.written(name, at, scope)
        self.action(body, scope)

    def action(self, body: Body, scope: Scope) -> None:
        match body.action:
            case syntax.Call() as call:
                self.symbols.call_step(call, scope)
            case syntax.Raise(value=value):
                self.symbols.formula(value, scope, "raise value")
            case syntax.Return(value=value):
                self.symbols.formula(value, scope, "return value")
            case syntax.Assign() as assign:
                self.assign(assign, scope)
            case _:
                self.nested(body, scope)

    def nested(self, body: Body, scope: Scope) -> None:
        match body.action:
            case syntax.Switch(conditions=conditions):
                self.switch(conditions, scope)
            case syntax.Steps(steps=steps):
                self.steps(steps, scope)
            case Loop() as loop:
                self.loop(loop, scope)
            case syntax.Try() as attempt:
                self.attempt(attempt, scope)
            case syntax.Parallel() as parallel:
                self.parallel(parallel, scope)

    def switch(self, conditions: Iterable[syntax.Condition], scope: Scope) -> None:
        for condition in conditions:
            self.symbols.formula(condition.test, scope, "condition")
            if condition.body is not None:
                self.body(condition.body, scope)

    def assign(self, assign: syntax.Assign, scope: Scope) -> None:
        for target, value in assign.pairs:
            self.symbols.formula(value, scope, "assigned value")
            for key in target.path:
                self.symbols.node(key, scope, "assignment target")
            if target.path and scope.find(target.name) is None:
                self.symbols.unknown(target.at, target.name, "assignment target")

    # --- variables of branches

    def written(self, name: str, at: Place, scope: Scope) -> None:
        """A variable from outside a branch must be shared by every parallel step between."""
        variable = scope.find(name)
        if variable is None or variable.unit is scope.unit:
            return
        for unit in scope.unit.within():
            if unit is variable.unit:
                return
            if name not in self.shared.get(unit, frozenset()):
                self.problems.add(
                    at,
                    f"variable '{name}' is defined outside of the parallel step and must be in"
                    " its 'shared' list to be assigned",
                )
                return

    def parallel(self, parallel: syntax.Parallel, scope: Scope) -> None:
        self.symbols.formula(parallel.concurrency, scope, "concurrency_limit")
        shared = frozenset(shared.name for shared in parallel.shared)
        for name in parallel.shared:
            if scope.find(name.name) is None:
                self.problems.missing(
                    name.at,
                    f"shared variable '{name.name}' is not defined before the parallel step",
                )
        seen: set[str] = set()
        for branch in parallel.branches:
            if branch.name in seen:
                self.problems.add(branch.at, f"duplicate branch name '{branch.name}'")
            seen.add(branch.name)
            inner = self.scopes.of(branch)
            self.shared[inner.unit] = shared
            self.steps(branch.steps, inner)
        if parallel.loop is not None:
            self.shared[self.scopes.of(parallel.loop).unit] = shared
            self.loop(parallel.loop, scope)

    # --- loops, try

    def loop(self, loop: Loop, scope: Scope) -> None:
        self.symbols.formula(loop.items, scope, "'in'")
        self.symbols.formula(loop.range, scope, "'range'")
        self.shadow(loop.value, loop.value_at, scope, "loop variable")
        if loop.index is not None:
            self.shadow(loop.index, loop.at, scope, "loop index")
            if loop.index == loop.value:
                self.problems.add(loop.value_at, "'value' and 'index' must be different")
        self.steps(loop.steps, self.scopes.of(loop))

    def shadow(self, name: str, at: Place, scope: Scope, what: str) -> None:
        if not self.program.choices.shadowing and scope.find(name) is not None:
            self.problems.add(at, f"{what} '{name}' is already a variable outside")

    def attempt(self, attempt: syntax.Try, scope: Scope) -> None:
        self.body(attempt.body, scope)
        if attempt.retry is not None:
            self.retry(attempt.retry, scope)
        if attempt.handler is not None:
            self.shadow(attempt.handler.name, attempt.handler.at, scope, "error variable")
            self.steps(attempt.handler.steps, self.scopes.of(attempt.handler))

    def retry(self, retry: syntax.Retry, scope: Scope) -> None:
        formula = self.symbols.formula
        formula(retry.policy, scope, "retry policy")
        formula(retry.predicate, scope, "retry predicate")
        formula(retry.max_retries, scope, "max_retries")
        if isinstance(retry.backoff, Formula):
            formula(retry.backoff, scope, "backoff")
        elif retry.backoff is not None:
            for name in ("initial_delay", "max_delay", "multiplier"):
                formula(getattr(retry.backoff, name), scope, name)
        self.number(retry.max_retries, "max_retries")

    def number(self, value: Formula | None, what: str) -> None:
        if value is not None and isinstance(value.node, Literal):
            found = value.node.value
            if type(found) not in {int, float} or found < 0:
                self.problems.add(value.at, f"'{what}' must be a number of 0 or more")
