"""Enumerations whose members are texts."""

from __future__ import annotations

from enum import IntEnum, StrEnum

__all__ = ["IntEnum", "StrEnum"]
