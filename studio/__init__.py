"""The web GUI on port 6789: it edits project files and reaches clouds through deployer."""
