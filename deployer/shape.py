"""DAG → Sequence | Parallel | Task: what runs after what, and what side by side."""
