"""What happens to objects, told to whoever subscribed, in the order in which it happened.

Eventarc and Pub/Sub notifications are fed by this; neither is known here. A listener is called
after the change is kept, in the event loop, and must return at once: what takes longer it puts
into a queue of its own. What a listener raises is logged and changes nothing for the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from emulator.cloud import ObjectEvent, ObjectListener

log = logging.getLogger(__name__)


class Feed:
    """The listeners of one cloud's objects."""

    def __init__(self) -> None:
        self._listeners: list[ObjectListener] = []

    def __bool__(self) -> bool:
        """Is there anybody to tell?"""
        return bool(self._listeners)

    def subscribe(self, listener: ObjectListener) -> Callable[[], None]:
        """Call `listener` with every event from now on; the answer takes it off again."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, event: ObjectEvent) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:
                log.exception("a listener of %s failed", event.type)
