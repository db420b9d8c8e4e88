"""Pub/Sub v1: topics, subscriptions, and messages on their way.

names    resource names, and what a Topic or a Subscription may hold
queue    the messages of one subscription: leased, acknowledged, given back; pure
broker   topics → queues, kept so that a killed emulator loses no message
push     carries messages to push endpoints, and to services of this emulator
api      the methods
stream   StreamingPull
wires    where they are called; `exchange_of(cloud)` is for the other services
"""

from emulator.services.pubsub.wires import exchange_of, service

__all__ = ["exchange_of", "service"]
