"""A journal tells everything again, in the order in which it was written."""

from emulator.drive.journal import Journal
from emulator.store import Store
from emulator.workflows.effects import Failure, Reply


def test_replies_notes_and_callbacks_come_back() -> None:
    store = Store(None)
    journal = Journal(store, "e")
    failure = Failure("no", ("HttpError",), {"body": b"\xff", "code": 500})
    journal.note(3, 17.5)
    polled = [Reply(4, "value", 7), Reply(5, failure, 8)]
    journal.replies(1.5, [Reply(2, b"bytes"), Reply(0, failure), *polled])
    journal.received("cb", {"n": 1})
    journal.replies(2.5, [Reply(1, None)])
    journal.received("cb", {"n": 2})
    recorded = Journal(store, "e").load()
    assert recorded.replies == [
        (1.5, Reply(2, b"bytes")),
        (1.5, Reply(0, failure)),
        *((1.5, reply) for reply in polled),
        (2.5, Reply(1, None)),
    ]
    assert recorded.notes == {3: 17.5}
    assert recorded.received == {"cb": [{"n": 1}, {"n": 2}]}


def test_journals_do_not_mix_and_can_be_dropped() -> None:
    store = Store(None)
    one, other = Journal(store, "a"), Journal(store, "ab")
    one.replies(1.0, [Reply(0, 1)])
    other.replies(1.0, [Reply(0, 2)])
    one.drop()
    assert one.load().replies == []
    assert [reply.value for _, reply in other.load().replies] == [2]
