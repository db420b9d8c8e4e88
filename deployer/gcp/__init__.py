"""One thin module per Google API, over the official clients in REST transport."""
