"""Workflow Executions v1: runs of workflows, their steps and their callbacks.

views    what lists show, filter and order by
entries  step entries as the API shows them
api      the methods
wires    where they are called; callback URLs too
"""

from emulator.services.executions.wires import service

__all__ = ["service"]
