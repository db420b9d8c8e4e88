"""One block → its steps: conditionals, the call, callbacks, a loop over a dynamic block's items.

Each block is one call of a routine and its step bears the block's name. In a *tracked*
pipeline, where blocks can be passed over, the answers are kept: `r_<step>` holds
{status: done | condition_failed | failed | upstream_failed, …} and calls say which answers
they come after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from deployer.compile.facts import Facts, repeats
from deployer.compile.routines import HTTP_TIMEOUT, Steps
from deployer.model import Block, BlockId, Kind
from deployer.triggers import limits

Json = Any
NOWHERE: Mapping[str, Json] = MappingProxyType({})
POLL_SECONDS = 60
"""Mage: a sensor looks again after a minute."""
GRACE = 15
"""Seconds more than the block's own timeout, so that the function can say it itself."""
FAILURE = 'default(map.get({0}, ["body", "error"]), {0})'
"""The BlockFailure in an error; the error itself when the function could not answer."""


@dataclass(frozen=True, slots=True)
class BlockSteps:
    """Writes the steps of blocks and remembers which routines they call."""

    facts: Facts
    used: set[str]

    def of(self, name: BlockId) -> Steps:
        block = self.facts.blocks[name]
        return self._each(block) if self.facts.sources[name] else self._once(block)

    def _once(self, block: Block) -> Steps:
        conditions = self.facts.conditionals.get(block.id, ())
        return [*(self._condition(block, c) for c in conditions), *self._alone(block)]

    def _alone(self, block: Block) -> Steps:
        step = self.facts.steps[block.id]
        call = self._call(block, self._after(block))
        if block.id in self.facts.kept:
            call["result"] = self.facts.answer(block.id)
        return self._with_callbacks(block, step, {step: call}, self.facts.answer(block.id))

    def _condition(self, parent: Block, condition: Block) -> dict[str, Json]:
        """Evaluated before its block, by a function of its own; the earlier ones must hold."""
        siblings = self.facts.conditionals[parent.id]
        earlier = siblings[: siblings.index(condition)]
        call = self._call(condition, self._after(parent, earlier))
        call["result"] = self.facts.answer(condition.id)
        return {self.facts.steps[condition.id]: call}

    # --- the call

    def _call(
        self, block: Block, after: list[str] | None, more: dict[str, Json] | None = None
    ) -> dict[str, Json]:
        """One call with its arguments, by the lightest routine that will do."""
        args: dict[str, Json] = {
            "service": self.facts.services[block.id],
            "context": "${context}",
            **({} if after is None else {"after": after}),
            **self._timeout(block),
            **self._repeat(block),
            **self._sensor(block),
            **({"more": more} if more else {}),
        }
        checked = "" if after is None else "checked_"
        return {"call": self._use(f"{checked}{self._routine(block)}"), "args": args}

    def _routine(self, block: Block) -> str:
        ask = "run_job" if block.id in self.facts.jobs else "call_block"
        ask = "sense" if block.kind is Kind.SENSOR else ask
        return f"{ask}_retried" if repeats(block.retry) else ask

    def _use(self, routine: str) -> str:
        """`checked_sense_retried` calls `sense_retried`, and so on down to `call_block`."""
        self.used.add(routine)
        inner = routine.removeprefix("checked_")
        self.used.add(inner)
        if inner.startswith("sense"):
            inner = inner.replace("sense", "call_block")
        self.used.update((inner, inner.removesuffix("_retried")))
        return routine

    def _timeout(self, block: Block) -> dict[str, Json]:
        seconds = self.facts.timeouts[block.id]
        if block.id in self.facts.jobs:
            return {"timeout": seconds}
        whole = min(HTTP_TIMEOUT, seconds + GRACE)
        fits = whole != HTTP_TIMEOUT and block.kind is not Kind.SENSOR
        return {"timeout": whole} if fits else {}

    def _repeat(self, block: Block) -> dict[str, Json]:
        count = repeats(block.retry)
        if not count:
            return {}
        factor = 2 if block.retry.exponential_backoff else 1
        return {"retries": count, "delay": _plain(block.retry.delay), "multiplier": factor}

    def _sensor(self, block: Block) -> dict[str, Json]:
        if block.kind is not Kind.SENSOR:
            return {}
        pause = block.configuration.get("poll_interval", POLL_SECONDS)
        fits = isinstance(pause, int | float) and pause > 0
        limit = {"limit": _plain(block.timeout)} if block.timeout else {}
        return {"pause": pause if fits else POLL_SECONDS} | limit

    def _after(self, block: Block, conditions: tuple[Block, ...] | None = None) -> list[str] | None:
        """How the blocks above ended, and the block's conditions; None when nobody need ask."""
        if not self.facts.tracked:
            return None
        if conditions is None:
            conditions = self.facts.conditionals.get(block.id, ())
        above = [up for up in block.upstream if up in self.facts.sources]
        return [self._status(name) for name in (*above, *(c.id for c in conditions))]

    def _status(self, name: BlockId) -> str:
        return f"${{{self.facts.answer(name)}.status}}"

    # --- callbacks

    def _with_callbacks(
        self,
        block: Block,
        step: str,
        call: dict[str, Json],
        answer: str,
        place: Mapping[str, Json] = NOWHERE,
    ) -> Steps:
        """`place` is the index of one of a dynamic block's children."""
        callbacks = self.facts.callbacks.get(block.id, ())
        if not callbacks:
            return [call]
        self.used.update(("notify", "call_block"))
        good = [self._notify(c, step, {"outcome": "success", **place}) for c in callbacks]
        error = f"{answer}.error" if self.facts.caught else "error"
        told = {"outcome": "failure", "error": f"${{{FAILURE.format(error)}}}", **place}
        bad = [self._notify(c, step, told) for c in callbacks]
        if self.facts.caught:
            return [call, self._by_status(step, answer, {"done": good, "failed": bad})]
        bad.append({f"{step}_failed": {"raise": "${error}"}})
        guarded = {"try": {"steps": [call]}, "except": {"as": "error", "steps": bad}}
        ended = [self._by_status(step, answer, {"done": good})] if self.facts.tracked else good
        return [{f"{step}_try": guarded}, *ended]

    def _by_status(self, step: str, answer: str, cases: dict[str, Steps]) -> dict[str, Json]:
        entries = [
            {"condition": f'${{{answer}.status == "{status}"}}', "steps": steps}
            for status, steps in cases.items()
        ]
        return {f"{step}_ended": {"switch": entries}}

    def _notify(self, callback: Block, step: str, more: dict[str, Json]) -> dict[str, Json]:
        args = {
            "service": self.facts.services[callback.id],
            "context": "${context}",
            "more": more,
        }
        name = f"{self.facts.steps[callback.id]}_on_{more['outcome']}_of_{step}"
        return {name: {"call": "notify", "args": args}}

    # --- once per item

    def _each(self, block: Block) -> Steps:
        """A parallel loop over the items of the dynamic blocks above."""
        step = self.facts.steps[block.id]
        counts = [f"{self.facts.answer(source)}.count" for source in self.facts.sources[block.id]]
        more: dict[str, Json] = {"index": [f"${{i_{step}}}"]}
        if len(counts) > 1:
            more["counts"] = [f"${{{count}}}" for count in counts]
        loop: dict[str, Json] = {
            "value": f"i_{step}",
            "range": f"${{[0, {' * '.join(counts)} - 1]}}",
            "steps": self._item(block, step, more),
        }
        return self._gated(block, step, loop) if self.facts.tracked else self._open(block, loop)

    def _item(self, block: Block, step: str, more: dict[str, Json]) -> Steps:
        """Conditions are asked for each item (Mage: "Conditional blocks")."""
        answer, conditions = f"a_{step}", self._conditions_of_item(block, more)
        call = self._call(block, _statuses(conditions) if self.facts.tracked else None, more)
        counted = block.id in self.facts.nested
        if counted or self.facts.tracked:
            call["result"] = answer
        called = self._with_callbacks(block, step, {step: call}, answer, {"index": more["index"]})
        steps = [*conditions.values(), *called]
        if counted:
            count = f'${{default(map.get({answer}, "count"), 0)}}'
            steps.append({f"{step}_items": {"assign": [{f"n_{step}[string(i_{step})]": count}]}})
        if told := self._told(block, step, (*conditions, answer)):
            steps.append({f"{step}_item": {"switch": told}})
        return steps

    def _conditions_of_item(
        self, block: Block, more: dict[str, Json]
    ) -> dict[str, dict[str, Json]]:
        """Their steps by the variable of each answer, which only this item's steps know."""
        found: dict[str, dict[str, Json]] = {}
        for condition in self.facts.conditionals.get(block.id, ()):
            step = self.facts.steps[condition.id]
            call = self._call(condition, _statuses(found), more)
            found[f"a_{step}"] = {step: call | {"result": f"a_{step}"}}
        return found

    def _told(self, block: Block, step: str, answers: tuple[str, ...]) -> list[dict[str, Json]]:
        """What of an item's end the block's own answer will say: entries of a switch."""
        failed = [
            _if_ended(answer, "failed", {f"w_{step}": f"${{{answer}}}"})
            for answer in answers
            if self.facts.caught
        ]
        passed = _if_ended(answers[-1], "condition_failed", {f"p_{step}": True})
        return [*failed, *([passed] if self._asked(block) else [])]

    def _asked(self, block: Block) -> bool:
        return bool(self.facts.conditionals.get(block.id))

    def _open(self, block: Block, loop: dict[str, Json]) -> Steps:
        step = self.facts.steps[block.id]
        each = {f"{step}_each": self._fork(block, step, loop)}
        if block.id not in self.facts.nested:
            return [each]
        whole = {self.facts.answer(block.id): {"status": "done"}}
        count = {f"{self.facts.answer(block.id)}.count": f"${{c_{step}}}"}
        all_ = {f"{step}_all": {"assign": [whole, count]}}
        return [*self._uncounted(step), each, self._sum(step), all_]

    def _fork(self, block: Block, step: str, loop: dict[str, Json]) -> dict[str, Json]:
        shared = [f"w_{step}"] if self.facts.caught else []
        shared += [f"n_{step}"] if block.id in self.facts.nested else []
        shared += [f"p_{step}"] if self._asked(block) else []
        most = limits.blocks_at_once(self.facts.pipeline)
        at_once = {"concurrency_limit": most} if most else {}
        return {"parallel": ({"shared": shared} if shared else {}) | at_once | {"for": loop}}

    def _uncounted(self, step: str) -> Steps:
        return [{f"{step}_none": {"assign": [{f"n_{step}": {}}, {f"c_{step}": 0}]}}]

    def _sum(self, step: str) -> dict[str, Json]:
        """After the loop, whose iterations each wrote a key of their own: nothing can race."""
        add = {f"c_{step}": f"${{c_{step} + n_{step}[k_{step}]}}"}
        loop = {
            "value": f"k_{step}",
            "in": f"${{keys(n_{step})}}",
            "steps": [{f"{step}_add": {"assign": [add]}}],
        }
        return {f"{step}_sum": {"for": loop}}

    def _gated(self, block: Block, step: str, loop: dict[str, Json]) -> Steps:
        """Asked once before the first item; the block's answer is there after the last one."""
        self.used.add("gate")
        answer, whole = self.facts.answer(block.id), f"w_{step}"
        gate = {"call": "gate", "args": {"after": self._after(block, ())}, "result": whole}
        steps: Steps = [{f"{step}_each": self._fork(block, step, loop)}]
        if block.id in self.facts.nested:
            count = {f"{step}_count": {"assign": [{f"{whole}.count": f"${{c_{step}}}"}]}}
            steps = [*self._uncounted(step), *steps, self._sum(step), count]
        if self._asked(block):
            steps = [{f"{step}_all_pass": {"assign": [{f"p_{step}": False}]}}, *steps, _any(step)]
        may = {"condition": f'${{{whole}.status == "done"}}', "steps": steps}
        return [
            {f"{step}_gate": gate},
            {f"{step}_if": {"switch": [may]}},
            {f"{step}_all": {"assign": [{answer: f"${{{whole}}}"}]}},
        ]


def _statuses(answers: Iterable[str]) -> list[str]:
    return [f"${{{answer}.status}}" for answer in answers]


def _if_ended(answer: str, status: str, assigned: dict[str, Json]) -> dict[str, Json]:
    """An entry of a switch."""
    return {"condition": f'${{{answer}.status == "{status}"}}', "assign": [assigned]}


def _any(step: str) -> dict[str, Json]:
    """One item that was passed over keeps the blocks below from running, for every item.

    Mage 0.9.80 does so, too: it looks for a block's name among those of such children.
    """
    passed = f'${{p_{step} and w_{step}.status == "done"}}'
    unmet = {"condition": passed, "assign": [{f"w_{step}.status": "condition_failed"}]}
    return {f"{step}_any": {"switch": [unmet]}}


def _plain(number: float | None) -> float | int:
    """5.0 as 5: what people write."""
    value = number or 0.0
    return int(value) if value == int(value) else value
