"""A Google Cloud on this machine: its wire, its rules, its errors. Knows nothing about Mage.

app         every service that we pretend to be, in one list
cloud       what those services share: store, clock, identity, logs
services/   one module per Google API
host/       what Cloud Run does with a bundle: build, start, keep warm, call, stop
workflows/  the Workflows language, without a socket, a clock or a thread
drive/      performs what the language asks for, and journals each answer
"""
