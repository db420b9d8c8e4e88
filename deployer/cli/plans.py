"""How a plan looks; its performance is `deployer.cli.progress`."""

from __future__ import annotations

from typing import Any

from deployer.cli.console import plural, say
from deployer.plan import Action, Change, FieldChange, Plan

MARKS = {
    Action.CREATE: ("+", "green"),
    Action.UPDATE: ("~", "yellow"),
    Action.REPLACE: ("±", "yellow"),
    Action.KEEP: ("=", "dim"),
    Action.DELETE: ("-", "red"),
}


def show_plan(plan: Plan, target: str) -> None:
    for change in plan.writes:
        mark, style = MARKS[change.action]
        reason = f"  ({change.reason})" if change.reason else ""
        say(f"{mark} {label_of(change)}{reason}", style)
        for field in change.fields:
            say(f"    {told(field)}", "dim")
    for note in plan.notes:
        say(f"note: {note}", "dim")
    say(summary(plan, target))


def told(field: FieldChange) -> str:
    """Rights are there or not; other fields have values."""
    why = f"  ({field.why})" if field.why else ""
    if all(value is None or value is True for value in (field.was, field.will)):
        return f"{'+' if field.will else '-'} {field.name}{why}"
    return f"{field.name}: {word(field.was)} → {word(field.will)}{why}"


def label_of(change: Change) -> str:
    return f"{change.kind} {change.title}"


def word(value: Any) -> str:
    return "–" if value is None else str(value)


def summary(plan: Plan, target: str) -> str:
    kept = plan.count(Action.KEEP)
    if not plan.writes:
        return f"{target}: nothing to change ({plural(kept, 'resource')} as planned)"
    counts = [
        f"{count} to {action}"
        for action in Action
        if action is not Action.KEEP
        if (count := plan.count(action))
    ]
    return f"{target}: {', '.join(counts)}, {kept} to keep"
