"""Trees → programs: the shape of routines and steps (Workflows: Syntax overview)."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.workflows.build_actions import Actions
from emulator.workflows.build_values import Values
from emulator.workflows.choices import Choices
from emulator.workflows.limits import Limits
from emulator.workflows.source import Problems
from emulator.workflows.syntax import Parameter, Program, Routine
from emulator.workflows.tree import Items, Pairs, Scalar, Tree


def build(tree: Tree, problems: Problems, limits: Limits, choices: Choices) -> Program:
    """A program as far as it can be understood; everything else is in `problems`."""
    builder = Builder(problems, limits)
    return Program(tuple(builder.routines(tree)), choices)


class Builder:
    """The top level."""

    def __init__(self, problems: Problems, limits: Limits) -> None:
        self.problems = problems
        self.limits = limits
        self.values = Values(problems, limits)
        self.actions = Actions(problems, limits, self.values)

    def routines(self, tree: Tree) -> Iterator[Routine]:
        """A bare list is `main`; a map holds `main` and subworkflows."""
        if isinstance(tree, Items):
            yield self.routine("main", Pairs(((Scalar("steps", tree.at), tree),), tree.at))
        elif isinstance(tree, Pairs):
            if tree.get("main") is None:
                self.problems.add(tree.at, "workflow must define 'main'")
            for name, body in tree.pairs:
                yield self.routine(str(name.value), body)
        else:
            self.problems.add(tree.at, "workflow must be a list of steps or a map with 'main'")

    def routine(self, name: str, tree: Tree) -> Routine:
        self.problems.routine, self.problems.step = name, ""
        if not isinstance(tree, Pairs):
            self.problems.add(tree.at, f"workflow '{name}' must be a map with 'steps'")
            return Routine(name, (), (), tree.at)
        for key, _ in tree.pairs:
            if key.value not in {"params", "steps"}:
                self.problems.add(key.at, f"unexpected entry '{key.value}' in workflow '{name}'")
        parameters = tuple(self.parameters(name, tree.get("params")))
        steps = tree.get("steps")
        if steps is None:
            self.problems.add(tree.at, f"workflow '{name}' has no steps")
            return Routine(name, parameters, (), tree.at)
        return Routine(name, parameters, self.actions.steps(steps), tree.at)

    def parameters(self, routine: str, tree: Tree | None) -> Iterator[Parameter]:
        if tree is None:
            return
        if not isinstance(tree, Items):
            self.problems.add(tree.at, f"params of workflow '{routine}' must be a list")
            return
        most = 1 if routine == "main" else self.limits.parameters
        if len(tree.items) > most:
            self.problems.add(
                tree.at,
                f"workflow '{routine}' has {len(tree.items)} params, at most {most} allowed",
            )
        names: set[str] = set()
        for item in tree.items:
            parameter = self.parameter(item)
            if parameter.name in names:
                self.problems.add(item.at, f"duplicate parameter '{parameter.name}'")
            names.add(parameter.name)
            yield parameter

    def parameter(self, tree: Tree) -> Parameter:
        """A name, or a one-key map of name and default."""
        if isinstance(tree, Pairs) and len(tree.pairs) == 1:
            key, value = tree.pairs[0]
            name = self.values.variable(key, "a parameter")
            return Parameter(name, False, self.values.constant(value), key.at)
        return Parameter(self.values.variable(tree, "a parameter"), at=tree.at)
