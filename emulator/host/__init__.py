"""What Cloud Run does with a bundle: build it, start it, keep it warm, call it, stop it."""
