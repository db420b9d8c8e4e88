"""Eventarc v1: triggers that carry events to workflows and Cloud Run services.

rules     what a Trigger may hold
events    what happened → a CloudEvent, and as what it travels
delivery  buckets and topics → Pub/Sub → destinations, as each trigger's service account
api       the methods
wires     where they are called
"""

from emulator.services.eventarc.wires import service

__all__ = ["service"]
