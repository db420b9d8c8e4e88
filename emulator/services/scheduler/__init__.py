"""Cloud Scheduler v1: jobs that call a URL, or publish a message, at the ticks of a cron.

moments  when a job is due, and how long a failed attempt waits; pure
rules    what a Job may hold
attempt  one call of a job's URL
targets  one delivery to whatever a job has: a URL or a topic
ticker   sleeps from tick to tick
api      the methods
wires    where they are called
"""

from emulator.services.scheduler.wires import service

__all__ = ["service"]
