"""Logging v2: entries written, listed and followed.

api    the methods
tail   entries as they come, over gRPC
wires  where they are called
"""

from emulator.services.logging.wires import service

__all__ = ["service"]
