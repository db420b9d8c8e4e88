"""Writing into frames, with memory accounted as it changes (512 KB for all variables together).

Values are copied by assignment. To make that cheap, a value is copied only when a part of it
could ever be changed in place: by the variable that it goes to, or by the one it comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from emulator.workflows.choices import Choices
from emulator.workflows.code import RUN, Evaluate, Frame
from emulator.workflows.errors import error, resource_error, type_error
from emulator.workflows.expressions.compile import Expressions, frame_at
from emulator.workflows.expressions.nodes import Call, Name, Node
from emulator.workflows.expressions.operators import Operators
from emulator.workflows.scopes import Scope, Variable
from emulator.workflows.values import (
    SCALARS,
    UNSET,
    WORD,
    copy_of,
    longest_string,
    python_name,
    size_of,
    text_size,
)

Store = Callable[[Frame, Any], None]
Measure = Callable[[Frame, Any], int]


def grow(run: Any, size: int) -> None:
    """Account for `size` more (or fewer) bytes."""
    run.memory += size
    if size > 0 and run.memory > run.limits.memory:
        raise resource_error("Memory usage limit exceeded")


def checked_size(run: Any, value: Any) -> int:
    size = size_of(value)
    if size > run.limits.string and longest_string(value) > run.limits.string:
        raise resource_error("String length limit exceeded")
    return size


def measure(frame: Frame, value: Any) -> int:
    return checked_size(frame[RUN], value)


def storing(
    variable: Variable, scope: Scope, *, copies: bool, measured: Measure = measure
) -> Store:
    """How a whole value gets into a variable."""
    slot, size_slot = variable.slot, variable.size_slot
    distance = scope.unit.distance(variable.unit)
    outward = frame_at(distance)

    def store(frame: Frame, value: Any) -> None:
        home = outward(frame) if distance else frame
        if type(value) in SCALARS:
            size = WORD
        else:
            if copies:
                value = copy_of(value)
            size = measured(frame, value)
        if size != home[size_slot]:
            grow(frame[RUN], size - home[size_slot])
            home[size_slot] = size
        home[slot] = value

    return store


def copies(expressions: Expressions, variable: Variable, node: Node | None, scope: Scope) -> bool:
    """Must this value be copied on its way into the variable? None is a reply: always new."""
    if node is None:
        return False
    if variable.mutated and not expressions.is_fresh(node):
        return True
    return expressions.may_share(node, scope)


def measuring(node: Node | None, scope: Scope) -> Measure:
    """The size of a value, quicker where it follows from sizes that are known already."""
    if isinstance(node, Name):
        known = known_size(node, scope)
        return measure if known is None else known
    if isinstance(node, Call) and len(node.arguments) == 2:
        last = {"list.concat": -1, "list.prepend": 0}.get(node.function)
        known = known_size(node.arguments[0], scope)
        if last is not None and known is not None:
            return appended(known, last)
    return measure


def known_size(node: Node, scope: Scope) -> Measure | None:
    variable = scope.find(node.name) if isinstance(node, Name) else None
    if variable is None:
        return None
    size_slot = variable.size_slot
    outward = frame_at(scope.unit.distance(variable.unit))
    return lambda frame, _: int(outward(frame)[size_slot])


def appended(known: Measure, position: int) -> Measure:
    """A list with one more element: quadratic programs stay quick enough."""
    return lambda frame, value: known(frame, value) + measure(frame, value[position])


def forget(variables: Sequence[Variable]) -> Callable[[Frame], None]:
    """End the life of the variables of an inner scope."""
    slots = [(variable.slot, variable.size_slot) for variable in variables]

    def run(frame: Frame) -> None:
        for slot, size_slot in slots:
            if frame[slot] is not UNSET:
                frame[slot] = UNSET
                frame[RUN].memory -= frame[size_slot]
                frame[size_slot] = 0

    return run


class Paths:
    """Assignments to `m.k`, `l[i]` and longer paths: they change the value in place."""

    def __init__(self, operators: Operators, choices: Choices) -> None:
        self.operators = operators
        self.choices = choices

    def storing(self, variable: Variable, scope: Scope, keys: list[Evaluate]) -> Store:
        slot, size_slot, name = variable.slot, variable.size_slot, variable.name
        outward = frame_at(scope.unit.distance(variable.unit))
        *steps, last = keys

        def store(frame: Frame, value: Any) -> None:
            home = outward(frame)
            container = home[slot]
            if container is UNSET:
                raise error(self.choices.unset_tag, f"variable '{name}' has no value yet")
            grown = 0
            for key in steps:
                container, more = self.enter(container, key(frame))
                grown += more
            size = checked_size(frame[RUN], value)
            grown += self.put(container, last(frame), value, size)
            home[size_slot] += grown
            grow(frame[RUN], grown)

        return store

    def enter(self, container: Any, key: Any) -> tuple[Any, int]:
        """One step of the path; missing maps are made on the way."""
        if type(container) is not dict or type(key) is not str or key in container:
            return self.operators.item(container, key), 0
        if not self.choices.create_intermediate_maps:
            return self.operators.item(container, key), 0
        container[key] = {}
        return container[key], WORD + text_size(key)

    def put(self, container: Any, key: Any, value: Any, size: int) -> int:
        """Set one element; how much the whole has grown."""
        if type(container) is dict:
            if type(key) is not str:
                raise type_error(f"map key must be a string, got: '{python_name(key)}'")
            before = size_of(container[key]) if key in container else -text_size(key)
        elif type(container) is list:
            key = self.operators.position(container, key)
            before = size_of(container[key])
        else:
            raise type_error(f"'{python_name(container)}' object does not support assignment")
        container[key] = value
        return size - before
