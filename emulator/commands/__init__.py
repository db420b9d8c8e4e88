"""The emulator's command line, one module per command."""
