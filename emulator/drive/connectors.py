"""googleapis.*: not yet."""

from __future__ import annotations

from typing import Any

from emulator.drive.children import Children
from emulator.drive.credentials import Credentials
from emulator.drive.network import Network
from emulator.drive.perform import Subject
from emulator.drive.run import Run
from emulator.workflows.effects import ConnectorCall, Failure, Request

Value = Any


class Connectors:
    """Performs ConnectorCall."""

    def __init__(self, network: Network, credentials: Credentials, children: Children) -> None:
        self._network = network
        self._credentials = credentials
        self._children = children

    async def __call__(self, subject: Subject, run: Run, request: Request) -> Value:
        effect = request.effect
        assert isinstance(effect, ConnectorCall)
        return Failure(f"{effect.method} is not a connector", ("SystemError",))
