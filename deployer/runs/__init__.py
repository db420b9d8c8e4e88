"""Runs: started and watched, made up for, explained, and what they cost."""
