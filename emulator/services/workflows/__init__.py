"""Workflows v1: definitions, their revisions, and what may be deployed.

rules  what a Workflow resource may hold
api    the methods
wires  where they are called
"""

from emulator.services.workflows.wires import service

__all__ = ["service"]
