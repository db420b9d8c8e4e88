"""The blocks of a pipeline as a graph: order, shape, lanes, pictures."""
