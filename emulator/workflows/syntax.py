"""The tree that a source becomes; every node knows its line and column."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Program:
    """A whole definition: `main` and its subworkflows."""
