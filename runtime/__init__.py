"""What ships inside every function's bundle: the rules by which Mage runs one block.

Importing this package imports the standard library only; pandas, pyarrow and client
libraries are imported inside the function that needs them (tests/test_architecture.py).
Read in this order: contract, block, artifacts, codecs, run, entry.
"""
