"""The Workflows language as a machine that asks and never acts.

syntax       the tree that a source becomes; every node knows its line and column
parse        source text → syntax, or every mistake at once
expressions  ${…} → compiled closures
machine      a program running: yields effects, takes replies
library/     the standard library

This package imports nothing of the rest of `emulator`.
"""
