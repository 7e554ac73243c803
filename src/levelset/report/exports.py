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
from levelset.report.figures import numbers_of
from levelset.report.overview import baseline_table, findings_table
from levelset.studies.charts import Chart, Table

_DIGITS = 5  # significant, of numbers in arrays
_DECIMALS = 4  # of probabilities


def report_json(content: ReportContent) -> str:
    """Write everything that a report says as JSON: findings, tables, and the arrays of its charts.

    NaN and infinities become null. A chart says in `kind` which it is.

    Args:
        content: Of the report or of a study's page.

    Returns:
        One JSON object on one line; the same content gives the same text.
    """
    data = {"levelset": "report" if content.conclusion else "study", **_plain(content)}
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def report_tables(content: ReportContent) -> Mapping[str, str]:
    """Write every table of a report as CSV, those behind its figures among them.

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
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        fields = {name: _plain_field(name, getattr(value, name)) for name in names}
        charts = get_args(Chart)
        return {"kind": type(value).__name__, **fields} if type(value) in charts else fields
    if isinstance(value, np.ndarray):
        return _plain_array(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def _plain_field(name: str, value: Any) -> Any:
    if name == "probabilities":  # grids of them are most of a report
        return _plain_array(np.round(value, _DECIMALS))
    return _plain(value)


def _plain_array(values: np.ndarray) -> Any:
    if values.ndim > 1:
        return [_plain_array(part) for part in values]
    if values.dtype.kind in "iub":
        return values.tolist()
    return [float(f"{v:.{_DIGITS}g}") if math.isfinite(v) else None for v in values.tolist()]
