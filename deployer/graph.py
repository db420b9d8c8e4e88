"""The DAG of a pipeline: order, cycles, what needs what."""
