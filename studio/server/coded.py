"""Charts that are Python: the process that runs the code, and its answer as chart data."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.server.charts import BUCKETS, left_out, whole
from studio.server.errors import StudioError
from studio.server.messages import ChartData, ChartInfo, Series
from studio.server.views import plain

PATIENCE = 60.0
HOUSE = Path(__file__).parents[2]
MOST_POINTS = 2000


def coded(chart: ChartInfo, file: Path, total: int, root: Path) -> ChartData:
    """Run the chart's code over the stored output; its mistakes are told with their line."""
    from studio.server.chartcode import ROWS

    request = {
        "code": chart.code,
        "path": chart.path,
        "block": chart.block,
        "file": str(file),
        "root": str(root),
        "configuration": chart.configuration,
    }
    answer = asked(request)
    read = min(total, ROWS)
    note = f"computed on the first {read:,} of {total:,} rows" if read < total else ""
    return shown(answer, chart, total, read, note)


def asked(request: Mapping[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "studio.server.chartcode"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            cwd=HOUSE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise StudioError(400, f"The chart's code took longer than {PATIENCE:g} seconds") from None
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        said = done.stderr[-500:]
        raise StudioError(400, f"The chart's code ended its process: {said}") from None
    if "error" in answer:
        raise StudioError(400, str(answer["error"]), "The chart's own code failed.")
    return answer


def shown(
    answer: Mapping[str, Any], chart: ChartInfo, total: int, read: int, note: str
) -> ChartData:
    """The code's values in the form that its chart is drawn from."""
    configuration = answer.get("configuration") or chart.configuration
    kind = str(configuration.get("chart_type") or chart.kind)
    if "render" in answer:
        return ChartData("custom", [], [], [[plain(answer["render"])]], [], total, read, note)
    x, y = plain(answer.get("x")) or [], plain(answer.get("y")) or []
    columns = [str(name) for name in answer.get("columns") or []]
    if kind == "table":
        index = plain(answer.get("index")) or []
        return ChartData("table", columns or x, [], as_rows(y), index, total, read, note)
    if kind == "histogram":
        edges, heights = bars(x, whole(configuration, "buckets", BUCKETS))
        return ChartData(kind, edges, [Series(chart.name, heights)], [], [], total, read, note)
    if kind == "pie chart":
        return slices(x, chart, whole(configuration, "buckets", BUCKETS), (total, read, note))
    note = "; ".join(filter(None, [note, left_out(len(x) - MOST_POINTS, "more point")]))
    return ChartData(kind, x[:MOST_POINTS], series_of(y, columns), [], [], total, read, note)


def as_rows(y: list[Any]) -> list[list[Any]]:
    return [row if isinstance(row, list) else [row] for row in y]


def series_of(y: list[Any], columns: list[str]) -> list[Series]:
    """One list of values, or one list for each line."""
    lines = y if y and isinstance(y[0], list) else [y]
    names = [*columns, *(f"y{n + 1}" for n in range(len(columns), len(lines)))]
    return [Series(name, line[:MOST_POINTS]) for name, line in zip(names, lines, strict=False)]


def bars(values: Any, buckets: int) -> tuple[list[float], list[Any]]:
    """Edges and heights of equal widths; what is no number is left out."""
    numbers = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if not numbers:
        raise StudioError(400, "The chart's code leaves no numbers in x")
    low, width = min(numbers), (max(numbers) - min(numbers)) / buckets or 1.0
    counts = Counter(min(int((number - low) / width), buckets - 1) for number in numbers)
    edges = [low + place * width for place in range(buckets + 1)]
    return edges, [counts[place] for place in range(buckets)]


def slices(values: Any, chart: ChartInfo, most: int, seen: tuple[int, int, str]) -> ChartData:
    """The most frequent values, or counts that the code made itself."""
    counts = Counter(values) if isinstance(values, list) else Counter(dict(values))
    top = counts.most_common(most)
    total, read, note = seen
    note = "; ".join(filter(None, [note, left_out(len(counts) - len(top), "rarer value")]))
    parts = Series(chart.name, [count for _, count in top])
    return ChartData("pie chart", [name for name, _ in top], [parts], [], [], total, read, note)
