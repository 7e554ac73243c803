"""A report as data: every table as CSV, and everything as JSON."""

import csv
import dataclasses
import io
import json
import math
import re
from collections.abc import Mapping
from typing import Any, get_args

import numpy as np

from levelset.report.content import ReportContent
from levelset.report.figures import numbers_of, thinned
from levelset.report.figures.planes import ROWS
from levelset.report.overview import baseline_table, findings_table
from levelset.studies.charts import Chart, Panel, Table

_DIGITS = 6  # significant
_DECIMALS = 3  # of the probabilities of a plane
_POSITIONS = 31  # along an axis of a plane


def report_json(content: ReportContent) -> str:
    """Write everything that a report says as JSON: findings, tables, and the arrays of its charts.

    Numbers have 6 significant digits; NaN and infinities become null. A chart says in `kind` which
    it is. Of a plane's level sets it holds every second or third grid line, probabilities to 3
    decimals, and the training rows that the page draws: enough to draw it again in small.

    Args:
        content: Of the report or of a study's page.

    Returns:
        One JSON object on one line; the same content gives the same text.
    """
    data = {"levelset": "report" if content.conclusion else "study", **_plain(content)}
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def report_tables(content: ReportContent) -> Mapping[str, str]:
    """Write every table of a report as CSV, and of each figure its estimates and intervals.

    Args:
        content: Of the report or of a study's page.

    Returns:
        Text by file name, in reading order.
    """
    named: list[tuple[str, Table]] = [("findings", findings_table(content))]
    if content.conclusion and content.conclusion.baselines:
        named.append(("baselines", baseline_table(content.conclusion.baselines)))
    for study in content.studies:
        named += [(f"{study.name} {table.title}", table) for table in study.tables]
        named += [
            (f"{study.name} figure {chart.title}", numbers)
            for chart in study.charts
            if (numbers := numbers_of(chart)) is not None
        ]
    files: dict[str, str] = {}
    for name, table in named:
        stem = re.sub(r"[^\w.]+", "-", name.lower()).strip("-.")[:80]
        taken = sum(other == f"{stem}.csv" or other.startswith(f"{stem}~") for other in files)
        files[f"{stem}~{taken + 1}.csv" if taken else f"{stem}.csv"] = table_csv(table)
    return files


def table_csv(table: Table) -> str:
    r"""Write a table as CSV, numbers in full.

    Args:
        table: What to write; NaN becomes an empty field.

    Example:
        >>> table_csv(Table("t", "c", ("name", "n"), (("a, b", 1), ("c", math.nan))))
        'name,n\n"a, b",1\nc,\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow("" if isinstance(v, float) and math.isnan(v) else v for v in row)
    return text.getvalue()


def _plain(value: Any) -> Any:
    """Turn dataclasses and arrays into what JSON knows."""
    if isinstance(value, Panel):
        value = _thinned_panel(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        fields = {name: _plain(getattr(value, name)) for name in names}
        charts = get_args(Chart)
        return {"kind": type(value).__name__, **fields} if type(value) in charts else fields
    if isinstance(value, np.ndarray):
        return _plain_array(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return _short(value)
    return value


def _thinned_panel(panel: Panel) -> Panel:
    """Keep of a plane what it can be drawn from: grids of all planes would be most of a report."""
    down, across = thinned(panel.y.size, _POSITIONS), thinned(panel.x.size, _POSITIONS)
    rows = thinned(len(panel.labels), ROWS)
    return dataclasses.replace(
        panel,
        x=panel.x[across],
        y=panel.y[down],
        probabilities=np.round(panel.probabilities[np.ix_(down, across)], _DECIMALS),
        points=panel.points[rows],
        labels=panel.labels[rows],
    )


def _plain_array(values: np.ndarray) -> Any:
    if values.ndim > 1:
        return [_plain_array(part) for part in values]
    if values.dtype.kind in "iub":
        return values.tolist()
    return [_short(value) for value in values.tolist()]


def _short(value: float) -> float | int | None:
    """Round to the digits that mean something; a whole number needs no decimal point."""
    if not math.isfinite(value):
        return None
    rounded = float(f"{value:.{_DIGITS}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded
