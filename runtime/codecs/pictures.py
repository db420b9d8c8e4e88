"""A picture beside a stored figure, so that it can be looked at without being unpickled."""

from __future__ import annotations

import io
import sys
from typing import Any

SIDE = 1600
"""Most pixels of its longer side."""
USUAL_DPI = 100


def picture_of(value: Any) -> bytes | None:
    """PNG of a matplotlib figure, or of the figure of its axes; None of anything else."""
    figure = figure_of(value)
    if figure is None:
        return None
    buffer = io.BytesIO()
    try:
        dpi = min(USUAL_DPI, SIDE / max(figure.get_size_inches()))
        figure.savefig(buffer, format="png", dpi=dpi)
    except Exception:  # noqa: BLE001 (a block that gave its figure has done its work)
        return None
    return buffer.getvalue()


def figure_of(value: Any) -> Any:
    """None where matplotlib was not even imported."""
    figures, axes = sys.modules.get("matplotlib.figure"), sys.modules.get("matplotlib.axes")
    if axes is not None and isinstance(value, axes.Axes):
        value = value.get_figure()
    return value if figures is not None and isinstance(value, figures.Figure) else None
