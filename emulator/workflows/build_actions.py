"""Trees → steps, and the actions of steps (Workflows: Syntax overview, "Steps")."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from emulator.workflows import syntax
from emulator.workflows.build_flow import Flow
from emulator.workflows.build_values import Values
from emulator.workflows.limits import Limits
from emulator.workflows.source import Problems
from emulator.workflows.syntax import Body, Formula, Jump, Step
from emulator.workflows.tree import Items, Pairs, Scalar, Tree

ACTIONS = (
    "assign",
    "call",
    "switch",
    "for",
    "parallel",
    "try",
    "raise",
    "return",
    "steps",
)
NEEDS = {"args": "call", "result": "call", "retry": "try", "except": "try"}
KNOWN = frozenset((*ACTIONS, *NEEDS, "next"))
RESERVED = frozenset(("end", "break", "continue"))
NOTHING = Body(syntax.Nothing())


class Actions:
    """Builds steps and the simple actions; `Flow` builds loops, branches and try."""

    def __init__(self, problems: Problems, limits: Limits, values: Values) -> None:
        self.problems = problems
        self.limits = limits
        self.values = values
        self.flow = Flow(self)
        self.builders: dict[str, Callable[[Pairs, Tree], syntax.Action]] = {
            "assign": self.assign,
            "call": self.call,
            "switch": self.flow.switch,
            "for": self.flow.loop_step,
            "parallel": self.flow.parallel,
            "try": self.flow.try_,
            "raise": lambda _, tree: syntax.Raise(self.raised(tree)),
            "return": lambda _, tree: syntax.Return(self.values.formula(tree)),
            "steps": lambda _, tree: syntax.Steps(self.steps(tree)),
        }

    def steps(self, tree: Tree) -> tuple[Step, ...]:
        if not isinstance(tree, Items):
            self.problems.add(tree.at, "steps must be a list")
            return ()
        if not tree.items:
            self.problems.add(tree.at, "steps must not be empty")
        if len(tree.items) > self.limits.list_of_steps:
            self.problems.add(tree.at, f"more than {self.limits.list_of_steps} steps in a list")
        return tuple(step for item in tree.items for step in self.step(item))

    def step(self, tree: Tree) -> Iterator[Step]:
        """A map of one key, the name."""
        named = self.named(tree, "step")
        if named:
            outer, self.problems.step = self.problems.step, str(named[0].value)
            yield Step(str(named[0].value), self.body(named[1]), named[0].at)
            self.problems.step = outer

    def named(self, tree: Tree, what: str) -> tuple[Scalar, Tree] | None:
        if not isinstance(tree, Pairs) or len(tree.pairs) != 1:
            self.problems.add(tree.at, f"a {what} must be a map with one key, its name")
            return None
        name, body = tree.pairs[0]
        if not name.value:
            self.problems.add(name.at, f"{what} name should not be empty")
        if name.value in RESERVED:
            self.problems.add(name.at, f"'{name.value}' is reserved and cannot name a {what}")
        return name, body

    def body(self, tree: Tree, *, ignore: Iterable[str] = (), alone: str = "") -> Body:
        """One action with its companions, and perhaps `next`; or `next` alone."""
        if not isinstance(tree, Pairs):
            self.problems.add(tree.at, "the body of a step must be a map")
            return NOTHING
        keys = {key.value: key for key, _ in tree.pairs if key.value not in ignore}
        self.companions(keys)
        actions = [name for name in ACTIONS if name in keys]
        jump = self.jump(tree.get("next"))
        if len(actions) > 1:
            self.problems.add(
                keys[actions[1]].at,
                f"a step does one thing; found {' and '.join(map(repr, actions))}",
            )
        if not actions:
            if not keys:
                self.problems.add(tree.at, "the step does nothing")
            return Body(syntax.Nothing(), jump, tree.at)
        if actions[0] == alone:
            self.problems.add(keys[alone].at, "loop step name should not be empty")
        main = tree.get(actions[0])
        assert main is not None
        return Body(self.builders[actions[0]](tree, main), jump, tree.at)

    def companions(self, keys: dict[Any, Scalar]) -> None:
        for name, key in keys.items():
            if name not in KNOWN:
                self.problems.add(key.at, f"unexpected entry '{name}'")
            elif name in NEEDS and NEEDS[name] not in keys:
                self.problems.add(key.at, f"'{name}' needs '{NEEDS[name]}'")

    def jump(self, tree: Tree | None) -> Jump | None:
        if tree is None:
            return None
        if isinstance(tree, Scalar) and isinstance(tree.value, str) and tree.value:
            return Jump(tree.value, tree.at)
        if isinstance(tree, Scalar) and type(tree.value) in {int, float, bool}:
            return Jump(str(tree.value), tree.at)
        self.problems.add(tree.at, "'next' must be the name of a step")
        return None

    def assign(self, _: Pairs, tree: Tree) -> syntax.Action:
        if not isinstance(tree, Items) or not tree.items:
            self.problems.add(tree.at, "assign must be a list of one-key maps")
            return syntax.Nothing()
        if len(tree.items) > self.limits.assignments:
            self.problems.add(
                tree.at,
                f"{len(tree.items)} assignments, at most {self.limits.assignments} are allowed",
                understood=True,
            )
        return syntax.Assign(tuple(pair for item in tree.items for pair in self.pair(item)))

    def pair(self, tree: Tree) -> Iterator[tuple[syntax.Target, Formula]]:
        if isinstance(tree, Pairs) and len(tree.pairs) == 1:
            key, value = tree.pairs[0]
            yield self.values.target(key), self.values.formula(value)
        else:
            self.problems.add(tree.at, "each assignment must be a map with one key")

    def call(self, body: Pairs, tree: Tree) -> syntax.Action:
        if not isinstance(tree, Scalar) or not isinstance(tree.value, str) or not tree.value:
            self.problems.add(tree.at, "'call' must be the name of a function or subworkflow")
            return syntax.Nothing()
        if tree.value.startswith("${"):
            self.problems.add(tree.at, "'call' must be a name, not an expression")
            return syntax.Nothing()
        result = body.get("result")
        name = None if result is None else self.values.variable(result, "'result'")
        named, positional = self.arguments(body.get("args"))
        result_at = tree.at if result is None else result.at
        return syntax.Call(tree.value, named, positional, name, tree.at, result_at)

    def arguments(
        self, tree: Tree | None
    ) -> tuple[tuple[tuple[str, Formula], ...], tuple[Formula, ...]]:
        """By name (a map) or by position (a list)."""
        if isinstance(tree, Pairs):
            named = ((str(key.value), self.values.formula(value)) for key, value in tree.pairs)
            return tuple(named), ()
        if isinstance(tree, Items):
            return (), tuple(self.values.formula(item) for item in tree.items)
        if tree is not None and not (isinstance(tree, Scalar) and tree.value is None):
            self.problems.add(tree.at, "'args' must be a map or a list")
        return (), ()

    def raised(self, tree: Tree) -> Formula:
        if isinstance(tree, Items) or (
            isinstance(tree, Scalar) and not isinstance(tree.value, str)
        ):
            self.problems.add(tree.at, "'raise' must be a string, a map or an expression")
        return self.values.formula(tree)
