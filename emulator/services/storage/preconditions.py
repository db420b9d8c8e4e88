"""`ifGenerationMatch` and its three sisters (Google: "Request preconditions")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emulator.services.storage.ask import NotModified, StorageError, bad
from emulator.services.storage.catalog import Row

_NAMES = (
    "ifGenerationMatch",
    "ifGenerationNotMatch",
    "ifMetagenerationMatch",
    "ifMetagenerationNotMatch",
)


@dataclass(frozen=True, slots=True)
class Preconditions:
    """What must be true of the live generation, or nothing happens. 0 stands for "none"."""

    generation: int | None = None
    not_generation: int | None = None
    metageneration: int | None = None
    not_metageneration: int | None = None

    @classmethod
    def of(cls, params: Mapping[str, str], source: bool = False) -> Preconditions:
        """From a request's parameters; `source` reads the `ifSource…` ones of copies."""
        if not any(name[:2] == "if" for name in params):
            return NONE
        names = (name.replace("if", "ifSource") if source else name for name in _NAMES)
        return cls(*(_number(params, name) for name in names))

    def check(self, live: Row | None) -> None:
        """412 when they do not hold."""
        if self is not NONE and not (self._matches(live) and self._differs(live)):
            raise not_met()

    def check_read(self, live: Row) -> None:
        """The same for reads, where a copy that is still good is 304."""
        if not self._matches(live):
            raise not_met()
        if not self._differs(live):
            raise NotModified

    def _matches(self, live: Row | None) -> bool:
        generation, metageneration = _numbers(live)
        return self.generation in (None, generation) and self.metageneration in (
            None,
            metageneration,
        )

    def _differs(self, live: Row | None) -> bool:
        generation, metageneration = _numbers(live)
        return self.not_generation != generation and self.not_metageneration != metageneration


NONE = Preconditions()


def not_met() -> StorageError:
    message = "At least one of the pre-conditions you specified did not hold."
    return StorageError(412, "conditionNotMet", message, location="If-Match")


def _numbers(live: Row | None) -> tuple[int, int]:
    return (live.generation, live.metageneration) if live else (0, 0)


def _number(params: Mapping[str, str], name: str) -> int | None:
    text = params.get(name)
    if text is None:
        return None
    if not text.lstrip("-").isdigit():
        raise bad(f"Invalid argument: {name} must be a number.")
    return int(text)
