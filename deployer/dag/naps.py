"""How long a lane sleeps between two looks at the blocks that it waits for."""

from __future__ import annotations

import math

FIRST_NAP = 0.1
NAP_GROWTH = 1.02
"""A wait overshoots by at most a tenth of a second and a fiftieth of its length."""
LONGEST_NAP = 300

_GROWING = math.ceil(math.log(LONGEST_NAP / FIRST_NAP, NAP_GROWTH))
"""As many naps are shorter than the longest one."""


def waited(seconds: float) -> float:
    """What a wait that could end after `seconds` lasts: until the end of the nap then taken."""
    if seconds <= 0:
        return 0.0
    count = math.ceil(math.log1p(seconds * (NAP_GROWTH - 1) / FIRST_NAP) / math.log(NAP_GROWTH))
    if count > _GROWING:
        grown = _after(_GROWING)
        return grown + math.ceil((seconds - grown) / LONGEST_NAP) * LONGEST_NAP
    return max(_after(count), seconds)


def _after(count: int) -> float:
    """Seconds of so many growing naps."""
    return FIRST_NAP * float(NAP_GROWTH**count - 1) / (NAP_GROWTH - 1)
