"""Values as JSON has them."""

from __future__ import annotations

from typing import Any

from runtime.libraries import library


def encode_complex(value: Any) -> Any:
    """A `default` for json.dumps: dates as ISO text, numpy values as Python's, sets as lists."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, set | frozenset):
        return list(value)
    return str(value)


def convert_matrix_to_dataframe(matrix: Any) -> Any:
    """A sparse matrix as a frame with columns col_0, col_1 …"""
    pandas = library("pandas", feature="convert_matrix_to_dataframe")
    dense = matrix.toarray()
    return pandas.DataFrame(dense, columns=[f"col_{n}" for n in range(dense.shape[1])])
