"""Trees → switch, for, parallel and try: the actions that hold other steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from emulator.workflows import syntax
from emulator.workflows.build_values import is_literal
from emulator.workflows.syntax import Body, Formula, Loop, Step
from emulator.workflows.tree import Items, Pairs, Scalar, Tree

if TYPE_CHECKING:
    from emulator.workflows.build_actions import Actions

RETRY = frozenset(("predicate", "max_retries", "backoff"))
BACKOFF = frozenset(("initial_delay", "max_delay", "multiplier"))
PARALLEL = frozenset(("exception_policy", "shared", "concurrency_limit", "branches", "for"))
LOOP = frozenset(("value", "index", "in", "range", "steps"))


class Flow:
    """The actions that hold other steps."""

    def __init__(self, actions: Actions) -> None:
        self.actions = actions
        self.problems = actions.problems
        self.limits = actions.limits
        self.values = actions.values

    def known(self, tree: Pairs, names: frozenset[str], what: str) -> None:
        for key, _ in tree.pairs:
            if key.value not in names:
                self.problems.add(key.at, f"unexpected entry '{key.value}' in '{what}'")

    # --- switch

    def switch(self, _: Pairs, tree: Tree) -> syntax.Action:
        if not isinstance(tree, Items) or not tree.items:
            self.problems.add(tree.at, "switch must be a list of conditions")
            return syntax.Nothing()
        if len(tree.items) > self.limits.conditions:
            self.problems.add(
                tree.at,
                f"{len(tree.items)} conditions, at most {self.limits.conditions} are allowed",
                understood=True,
            )
        found = (condition for item in tree.items for condition in self.condition(item))
        return syntax.Switch(tuple(found))

    def condition(self, tree: Tree) -> Iterator[syntax.Condition]:
        test = tree.get("condition") if isinstance(tree, Pairs) else None
        if test is None or not isinstance(tree, Pairs):
            self.problems.add(tree.at, "each entry of a switch needs a 'condition'")
            return
        formula = self.values.formula(test)
        if is_literal(test) and not (isinstance(test, Scalar) and isinstance(test.value, bool)):
            self.problems.add(test.at, "condition must be a boolean or an expression")
        if len(tree.pairs) == 1:
            self.problems.add(tree.at, "the condition leads nowhere: add 'next' or steps")
            return
        body = self.actions.body(tree, ignore={"condition"})
        if isinstance(body.action, syntax.Nothing):
            yield syntax.Condition(formula, None, body.next, tree.at)
        else:
            yield syntax.Condition(formula, body, body.next, tree.at)

    # --- for

    def loop_step(self, _: Pairs, tree: Tree) -> syntax.Action:
        return self.loop(tree, "for") or syntax.Nothing()

    def loop(self, tree: Tree, what: str) -> Loop | None:
        if not isinstance(tree, Pairs):
            self.problems.add(tree.at, f"'{what}' must be a map")
            return None
        self.known(tree, LOOP, what)
        value, items, steps = tree.get("value"), tree.get("in"), tree.get("steps")
        index, range_ = tree.get("index"), tree.get("range")
        if value is None:
            self.problems.add(tree.at, f"'{what}' needs 'value'")
        if (items is None) == (range_ is None):
            self.problems.add(tree.at, f"'{what}' needs exactly one of 'in' and 'range'")
        if index is not None and items is None:
            self.problems.add(index.at, "'index' goes with 'in' only")
        if steps is None:
            self.problems.add(tree.at, f"'{what}' needs 'steps'")
        return Loop(
            "_" if value is None else self.values.variable(value, "'value'"),
            None if index is None else self.values.variable(index, "'index'"),
            None if items is None else self.listed(items),
            None if range_ is None else self.range(range_),
            () if steps is None else self.actions.steps(steps),
            tree.at,
            tree.at if value is None else value.at,
        )

    def listed(self, tree: Tree) -> Formula:
        formula = self.values.formula(tree)
        if is_literal(tree) and not isinstance(tree, Items):
            self.problems.add(tree.at, "'in' must be a list or an expression")
        return formula

    def range(self, tree: Tree) -> Formula:
        """Two numbers, or expressions, both ends included."""
        formula = self.values.formula(tree)
        if isinstance(tree, Items):
            if len(tree.items) != 2:
                self.problems.add(tree.at, "'range' must have two elements")
            for item in tree.items:
                number = isinstance(item, Scalar) and type(item.value) in {int, float}
                if is_literal(item) and not number:
                    self.problems.add(item.at, "'range' must hold numbers")
        elif is_literal(tree):
            self.problems.add(tree.at, "'range' must be a list of two numbers or an expression")
        return formula

    # --- parallel

    def parallel(self, _: Pairs, tree: Tree) -> syntax.Action:
        if not isinstance(tree, Pairs):
            self.problems.add(tree.at, "'parallel' must be a map")
            return syntax.Nothing()
        self.known(tree, PARALLEL, "parallel")
        self.policy(tree.get("exception_policy"))
        branches, loop = tree.get("branches"), tree.get("for")
        if (branches is None) == (loop is None):
            self.problems.add(tree.at, "'parallel' needs exactly one of 'branches' and 'for'")
        limit = tree.get("concurrency_limit")
        return syntax.Parallel(
            () if branches is None else tuple(self.branches(branches)),
            None if loop is None else self.loop(loop, "for"),
            tuple(self.shared(tree.get("shared"))),
            None if limit is None else self.concurrency(limit),
            tree.at,
        )

    def policy(self, tree: Tree | None) -> None:
        if tree is not None and not (isinstance(tree, Scalar) and tree.value == "continueAll"):
            self.problems.add(tree.at, "'exception_policy' can only be 'continueAll'")

    def shared(self, tree: Tree | None) -> Iterator[syntax.Shared]:
        if isinstance(tree, Items):
            for item in tree.items:
                yield syntax.Shared(self.values.variable(item, "a shared variable"), item.at)
        elif tree is not None:
            self.problems.add(tree.at, "'shared' must be a list of variables")

    def concurrency(self, tree: Tree) -> Formula:
        formula = self.values.formula(tree)
        value = tree.value if isinstance(tree, Scalar) else None
        if is_literal(tree) and (type(value) is not int or value < 1):
            self.problems.add(tree.at, "'concurrency_limit' must be a positive integer")
        return formula

    def branches(self, tree: Tree) -> Iterator[syntax.Branch]:
        if not isinstance(tree, Items):
            self.problems.add(tree.at, "'branches' must be a list")
            return
        if not 2 <= len(tree.items) <= self.limits.branches:
            self.problems.add(
                tree.at,
                f"{len(tree.items)} branches, there must be 2 to {self.limits.branches}",
                understood=True,
            )
        for item in tree.items:
            named = self.actions.named(item, "branch")
            if named:
                yield self.branch(*named)

    def branch(self, name: Scalar, tree: Tree) -> syntax.Branch:
        """Steps, or one action without a name of its own."""
        title = str(name.value)
        if isinstance(tree, Pairs) and [key.value for key, _ in tree.pairs] == ["steps"]:
            return syntax.Branch(title, self.actions.steps(tree.pairs[0][1]), name.at)
        if isinstance(tree, Pairs):
            step = Step(title, self.actions.body(tree), name.at)
            return syntax.Branch(title, (step,), name.at)
        self.problems.add(tree.at, "a branch must be a map with 'steps'")
        return syntax.Branch(title, (), name.at)

    # --- try

    def try_(self, body: Pairs, tree: Tree) -> syntax.Action:
        if isinstance(tree, Items):
            inner = Body(syntax.Steps(self.actions.steps(tree)), None, tree.at)
        else:
            inner = self.actions.body(tree, alone="for")
        retry, handler = body.get("retry"), body.get("except")
        return syntax.Try(
            inner,
            None if retry is None else self.retry(retry),
            None if handler is None else self.handler(handler),
        )

    def retry(self, tree: Tree) -> syntax.Retry:
        if not isinstance(tree, Pairs):
            formula = self.values.formula(tree)
            if is_literal(tree):
                self.problems.add(tree.at, "'retry' must be a map or an expression")
            return syntax.Retry(policy=formula, at=tree.at)
        self.known(tree, RETRY, "retry")
        backoff = tree.get("backoff")
        return syntax.Retry(
            None,
            self.optional(tree, "predicate"),
            self.optional(tree, "max_retries"),
            None if backoff is None else self.backoff(backoff),
            tree.at,
        )

    def backoff(self, tree: Tree) -> syntax.Backoff | Formula:
        if not isinstance(tree, Pairs):
            return self.values.formula(tree)
        self.known(tree, BACKOFF, "backoff")
        return syntax.Backoff(
            self.optional(tree, "initial_delay"),
            self.optional(tree, "max_delay"),
            self.optional(tree, "multiplier"),
        )

    def optional(self, tree: Pairs, name: str) -> Formula | None:
        found = tree.get(name)
        return None if found is None else self.values.formula(found)

    def handler(self, tree: Tree) -> syntax.Except:
        if not isinstance(tree, Pairs):
            self.problems.add(tree.at, "'except' must be a map with 'as' and 'steps'")
            return syntax.Except("_", (), tree.at)
        self.known(tree, frozenset(("as", "steps")), "except")
        name, steps = tree.get("as"), tree.get("steps")
        if steps is None:
            self.problems.add(tree.at, "'except' needs 'steps'")
        return syntax.Except(
            "" if name is None else self.values.variable(name, "'as'"),
            () if steps is None else self.actions.steps(steps),
            tree.at,
        )
