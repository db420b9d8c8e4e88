"""What the code of a project says and needs, read without running any of it."""
