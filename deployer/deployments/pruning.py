"""What of the journal is no longer kept: all but the newest deployments, and files of nothing else.

It is done under the lock, right after a deployment was written down. Records go before files, and
which files go is read from the records that are left: whoever is stopped in between loses nothing,
and the next one finishes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from deployer.deployments.history import Deployment
from deployer.deployments.journal import WORKERS, Journal
from deployer.resources import Function, Job

KEPT = 50
"""Deployments that one can go back to."""
SLACK = 10
"""So many more make it worth the calls."""


def prune(journal: Journal, kept: int = KEPT, slack: int = SLACK) -> None:
    numbers = journal.numbers()
    well = [number for number, done in numbers.items() if done]
    if len(well) <= kept + slack:
        return
    stay = staying(journal, well, kept)
    oldest = sorted(well)[-kept]
    gone = [number for number in numbers if number < oldest and number not in stay]
    remove(journal, [journal.name(n, suffix) for n in gone for suffix in (".done", "")])
    with ThreadPoolExecutor(WORKERS) as pool:
        needed = {f for one in pool.map(journal.read, stay) if one for f in files_of(one)}
    files = journal.notes.names(journal.file(""))
    remove(journal, [name for name in files if name.rpartition("/")[2] not in needed])


def staying(journal: Journal, well: Sequence[int], kept: int) -> set[int]:
    """The newest, and the way back: those to whose state one of them went, and what was before
    the state that serves now.
    """
    newest = sorted(well)[-kept:]
    with ThreadPoolExecutor(WORKERS) as pool:
        found = [one for one in pool.map(journal.read, newest) if one]
    before = max((n for n in well if found and n < found[-1].effective), default=0)
    return {*newest, *({before, *(one.effective for one in found)} & set(well))}


def files_of(deployment: Deployment) -> Iterator[str]:
    for thing in deployment.things:
        match thing.resource:
            case Function(bundle=bundle) | Job(function=Function(bundle=bundle)):
                yield bundle.digest


def remove(journal: Journal, names: Collection[str]) -> None:
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(journal.notes.remove, names))
