"""One module per Google API that we pretend to be."""
