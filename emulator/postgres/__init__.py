"""A real Postgres for pipelines that want one, without Docker and without an installation.

binaries  where the server's programs are
account   as whom they run: the server refuses root
launch    the small program between us and them: drops root, dies with its parent
cluster   the data folder: made once, kept, never mixed with another major version's
schemas   a fresh schema in one call
external  a server of somebody else's instead, by its URL
server    start, stop, state; one server however many ask at once
api       `GET /emulator/v1/postgres`, `POST /emulator/v1/postgres:start`
"""

from emulator.postgres.api import service

__all__ = ["service"]
