"""What was deployed: its journal, the way back, and the lock that lets one deploy at a time."""
