"""Deployments that are disturbed at each of their calls, and what one more deploy makes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle, zip_longest

import pytest

from deployer.deploying import Manner
from deployer.errors import BlockliftError, Busy
from deployer.pace import Patience
from deployer.packaging.choice import FUNCTIONS, PACKAGINGS
from deployer.resources import Kind, key
from tests.deployer.mortal import Mortal, mortal
from tests.deployer.sites import HASTE, Site, project, settle, site, stories
from tests.deployer.weather import FAULTS, Call, Sky, under_the_sky

DEADLINE = 0.3
"""Seconds after which a deployer gives up on a call, where calls are to take too long."""
NAMES = ("first deploy", "update", "destroy")
Fault = tuple[str, Call, bool]
"""Kind, which call, and whether all later ones meet it, too."""


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sky]:
    with under_the_sky(tmp_path_factory.mktemp("sky")) as made:
        yield made


@pytest.fixture(scope="module")
def doomed(sky: Sky) -> Iterator[Mortal]:
    with mortal(sky.url) as made:
        yield made


@dataclass
class Storm:
    """One project, deployed, changed and destroyed under every fault."""

    sky: Sky
    doomed: Mortal
    owner: str
    packaging: str = FUNCTIONS
    counts: Counter[str] = field(default_factory=Counter)
    unhealed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.of = site(self.sky.url, self.owner, self.packaging)
        self.hasty = site(self.sky.url, self.owner, self.packaging, DEADLINE)
        self.stories = stories(self.of)
        self.calls: list[list[Call]] = []
        self.keys: list[set[str]] = []
        self.left: list[set[tuple[str, str]]] = []

    def look(self) -> None:
        """All stories in good weather: their calls, and what is there after each."""
        for story in self.stories:
            self.sky.weather.reset()
            assert settle(self.of, story)
            self.calls.append(certain(self.sky.weather.calls()))
            self.keys.append(self.of.keys())
            self.left.append(self.sky.left())

    def pass_over(self, faults: Sequence[Sequence[Fault]]) -> None:
        """Each story under its next fault, healed, from one to the next and round again."""
        for row in zip_longest(*faults):
            for number, fault in enumerate(row):
                if fault:
                    self.strike(number, fault)
                self.heal(number, fault)

    def strike(self, story: int, fault: Fault) -> None:
        kind, call, lasting = fault
        weather = self.sky.weather
        weather.reset(kind, call, lasting)
        went_well = self.attempt(story, kind)
        self.counts["faults"] += weather.met
        self.counts["not met"] += not weather.met
        self.counts[f"{kind}{' for good' if lasting else ''}"] += weather.met
        self.counts["failed deploys"] += not went_well

    def attempt(self, story: int, kind: str) -> bool:
        if kind.startswith("kill"):
            self.sky.weather.victim = self.doomed.begin(self.owner, self.packaging, story)
            return self.doomed.go()
        of = self.hasty if kind == "timeout" else self.of
        return settle(of, self.stories[story])

    def heal(self, story: int, fault: Fault | None) -> None:
        """One more deploy makes the target equal to the plan, with nothing left over."""
        self.sky.weather.reset()
        well = settle(self.of, self.stories[story])
        if wrong := "it failed" if not well else self.wrong(story):
            self.unhealed.append(f"{NAMES[story]}, {fault}: {wrong}")
            print(self.unhealed[-1], flush=True)
            assert settle(self.of, []), self.unhealed
            assert settle(self.of, self.stories[story]), self.unhealed

    def wrong(self, story: int) -> str:
        """What is not as it is after the same story in good weather."""
        wanted = self.stories[story]
        if wanted and (writes := self.of.plan(wanted).writes):
            return f"still to do: {[change.key for change in writes]}"
        there, left = self.of.keys(), self.sky.left()
        wrong = [there ^ self.keys[story], left ^ self.left[story]]
        return "".join(map(str, filter(None, wrong)))

    def every_fault(self) -> list[list[Fault]]:
        return [[fault for call in calls for fault in faults_at(call)] for calls in self.calls]

    def some_faults(self, each: int) -> list[list[Fault]]:
        """A few of each story's, spread, no two of one kind."""
        found = []
        for story, calls in enumerate(self.calls):
            spread = [calls[len(calls) * (2 * i + 1) // (2 * each)] for i in range(each)]
            kinds = range(story * each, (story + 1) * each)
            found.append([list(faults_at(call))[k] for call, k in zip(spread, kinds, strict=True)])
        return found


def certain(calls: Sequence[Call]) -> list[Call]:
    """Of the looks at an operation the first two: they are all alike, and how many there are is
    the machine's chance, so that a fault at a later one is often not met.
    """
    return [(name, number) for name, number in calls if "/operations/" not in name or number < 2]


def faults_at(call: Call) -> Iterator[Fault]:
    for kind in FAULTS:
        yield kind, call, kind.startswith("kill")
    yield "503", call, True


def test_after_a_fault_one_more_deploy_reaches_the_plan(sky: Sky, doomed: Mortal) -> None:
    storm = Storm(sky, doomed, "storm")
    storm.look()
    storm.pass_over(storm.some_faults(each=3))
    assert not storm.unhealed
    assert storm.counts["failed deploys"] >= 3


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("packaging", PACKAGINGS)
def test_after_a_fault_at_any_call_one_more_deploy_reaches_the_plan(
    sky: Sky, doomed: Mortal, packaging: str
) -> None:
    storm = Storm(sky, doomed, f"tempest-{PACKAGINGS.index(packaging)}", packaging)
    storm.look()
    storm.pass_over(storm.every_fault())
    print(f"\n{packaging}: {sum(map(len, storm.calls))} calls, {dict(storm.counts)}")
    assert not storm.unhealed, "\n".join(storm.unhealed)
    assert storm.counts["failed deploys"] >= storm.counts["faults"] / 3
    assert storm.counts["not met"] <= storm.counts["faults"] / 20


def test_a_plan_is_not_ended_by_one_bad_answer_to_what_it_asks(sky: Sky) -> None:
    patient = replace(HASTE, reads=Patience(0, 0, tries=2))
    of = site(sky.url, "calm", deadline=DEADLINE, pace=patient)
    weather, wanted = sky.weather, project(of)
    assert settle(of, wanted)
    weather.reset()
    assert not of.plan(wanted).writes
    calls = weather.calls()
    assert len(calls) >= len(set(Kind))
    kinds = cycle(kind for kind in FAULTS if not kind.startswith("kill"))
    for kind, call in zip(kinds, calls, strict=False):
        weather.reset(kind, call)
        assert not of.plan(wanted).writes, (kind, call)
        assert weather.met, (kind, call)
    weather.reset("503", calls[0], True)
    with pytest.raises(Busy, match="bad weather"):
        of.plan(wanted)
    weather.reset()
    of.destroy()


def test_an_account_that_may_not_read_a_secret_is_told_the_role(sky: Sky) -> None:
    of = site(sky.url, "unread")
    sky.weather.reset()
    wanted = project(of)
    reader = next(one for one in wanted if one.name == "secret/unread-PASSWORD")
    without = [replace(r, needs=r.needs - {key(reader)}) for r in wanted if r is not reader]
    failed = of.deploy(without).failed
    assert {one.change.kind for one in failed} == {Kind.FUNCTION}
    for one in failed:
        assert "unread-PASSWORD" in str(one.error)
        assert "roles/secretmanager.secretAccessor" in str(one.error)
    assert not of.deploy(wanted).failed
    of.destroy()


# -- the way back ----------------------------------------------------------------------------


def test_after_a_fault_one_more_rollback_reaches_the_earlier_state(sky: Sky) -> None:
    counts = weathered_back(site(sky.url, "gust"), sky, points=2)
    assert counts["failed rollbacks"] >= 1


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("packaging", PACKAGINGS)
def test_after_a_fault_at_any_call_one_more_rollback_reaches_the_earlier_state(
    sky: Sky, packaging: str
) -> None:
    of = site(sky.url, f"squall-{PACKAGINGS.index(packaging)}", packaging)
    counts = weathered_back(of, sky, points=None)
    print(f"\n{packaging}: {dict(counts)}")
    assert counts["failed rollbacks"] >= counts["faults"] / 4


def weathered_back(of: Site, sky: Sky, points: int | None) -> Counter[str]:
    """On the way back from a second deployment to the first; then forward again."""
    weather = sky.weather
    weather.reset()
    assert settle(of, project(of))
    assert settle(of, project(of, says="bye"))
    weather.reset()
    assert gone_back(of)
    calls, counts = certain(weather.calls()), Counter[str]()
    kinds = [kind for kind in FAULTS if kind != "timeout" and not kind.startswith("kill")]
    every = [(k, call, lasting) for call in calls for k in kinds for lasting in (False, True)]
    for kind, call, lasting in every[:: len(every) // points if points else 1]:
        weather.reset()
        assert settle(of, project(of, says="bye"))
        weather.reset(kind, call, lasting)
        counts["faults"] += 1
        counts["failed rollbacks"] += not gone_back(of)
        weather.reset()
        assert gone_back(of), (kind, call, lasting)
        assert not of.way_back(1).writes, (kind, call, lasting)
    of.destroy()
    return counts


def gone_back(of: Site) -> bool:
    try:
        found = of.way_back(1)
        return not found.writes or not of.perform(found, Manner("rollback", 1)).failed
    except BlockliftError:
        return False
