from __future__ import annotations

import asyncio
import json
import threading

from studio.server.events import KEPT, Events, encoded
from studio.server.messages import Event


def test_a_browser_that_comes_back_gets_what_it_missed() -> None:
    events = Events()
    seen = events.publish("log", text="one")
    events.publish("log", text="two")
    assert [event.data["text"] for event in events.after(seen.id)] == ["two"]


def test_one_that_was_away_too_long_reads_all_anew() -> None:
    events = Events()
    for _ in range(KEPT + 5):
        events.publish("ping")
    assert [event.type for event in events.after(1)] == ["files_changed"]


def test_one_that_knew_an_earlier_server_reads_all_anew() -> None:
    assert [event.type for event in Events().after(70)] == ["files_changed"]


def test_followers_hear_what_other_threads_publish() -> None:
    events = Events()

    async def first() -> Event:
        follower = events.follow(0)
        waiting = asyncio.ensure_future(anext(follower))
        await asyncio.sleep(0)
        threading.Thread(target=events.publish, args=("toast",), kwargs={"text": "hi"}).start()
        found = await asyncio.wait_for(waiting, 5)
        await follower.aclose()  # type: ignore[attr-defined]  # an async generator
        return found

    assert asyncio.run(first()).data == {"text": "hi"}


def test_an_event_is_one_message_of_the_stream() -> None:
    text = encoded(Event(7, "log", {"text": "two\nlines"}))
    number, data, *rest = text.split("\n")
    assert number == "id: 7"
    assert json.loads(data.removeprefix("data: "))["data"] == {"text": "two\nlines"}
    assert rest == ["", ""]
