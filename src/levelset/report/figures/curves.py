"""Curves over replicates: a line, a band, and the line's name beside its end."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from levelset.report.figures.axes import Scale, covering, marked, stops
from levelset.report.figures.drawing import Drawing, End, Frame, LegendEntry, Picture, label, spread
from levelset.report.figures.marks import Marks, Shape, closed_path, open_path, spot, thinned
from levelset.report.figures.palette import Style
from levelset.report.figures.summaries import Summary, summarize
from levelset.report.numbers import MISSING, interval_text, short, whole
from levelset.studies.charts import Curve, CurveChart, Table

_PLOT_HEIGHT = 320
_LABEL = 24  # characters in a line
_FEW = 16  # positions; as many can carry markers
_READ = 600  # values that a page holds for reading along x; fewer positions for more lines


@dataclass(frozen=True)
class _Line:
    """A curve with all that is needed to draw it."""

    curve: Curve
    summary: Summary
    style: Style

    @property
    def end(self) -> float | None:
        """Its last value; None if it has none."""
        known = self.summary.center[np.isfinite(self.summary.center)]
        return float(known[-1]) if known.size else None


def draw_curves(chart: CurveChart, styles: dict[str, Style]) -> Drawing:
    """Draw a line and a band for each curve.

    Args:
        chart: What to draw.
        styles: How each color key looks.
    """
    lines = [
        _Line(curve, summarize(curve.replicates, chart.band, chart.y_log), styles[curve.color_key])
        for curve in chart.curves
    ]
    x_values = [float(x) for curve in chart.curves for x in curve.x]
    x_scale = covering(x_values, chart.x_log, 0.02, after=0.0)
    y_scale = _value_scale(chart, lines)
    y_ticks = marked(y_scale, y_scale.ticks(6))
    bands = [shape for line in lines for shape in _band(line, x_scale, y_scale)]
    frame = Frame(
        title="",
        # Lines stand on top of every band.
        shapes=(
            Shape(_grid([tick.share for tick in y_ticks]), "grid"),
            *bands,
            *(shape for line in lines for shape in _traces(line, x_scale, y_scale)),
        ),
        marks=tuple(marks for line in lines for marks in _marks(line, x_scale, y_scale)),
        x_ticks=marked(x_scale, stops(x_values, x_scale, 6), stops(x_values, x_scale, 4)),
        y_ticks=y_ticks,
    )
    ends = _ends(lines, y_scale)
    return Drawing(
        template="panels.html.j2",
        picture=Picture((frame,), chart.x_label, chart.y_label, "open", _PLOT_HEIGHT, ends=ends),
        legend=tuple(LegendEntry(line.curve.name, line.style, "line") for line in lines),
        legend_shown="narrow" if ends else "always",
        notes=_notes(chart, lines),
        numbers=_numbers(chart, lines),
        hover=_hover(chart, lines, x_scale),
    )


def _grid(shares: list[float]) -> str:
    """Draw a level line at each share of the height."""
    return "".join(open_path(np.array([0.0, 1.0]), np.full(2, share)) for share in shares)


def _ends(lines: list[_Line], y_scale: Scale) -> tuple[End, ...]:
    """Put each line's name at the right edge, near where the line ends; none if they do not fit."""
    present, wanted = [], []
    for line in lines:
        if line.end is not None:
            end = min(max(line.end, y_scale.low), y_scale.high)
            present.append((line, label(line.curve.name, _LABEL)))
            wanted.append(_PLOT_HEIGHT * (1 - y_scale.fraction(end)))
    heights = [name.height for _, name in present]
    if sum(heights) > _PLOT_HEIGHT:
        return ()
    placed = spread(wanted, heights, _PLOT_HEIGHT)
    return tuple(
        End(name.lines, line.style.text, line.style.color, want, place)
        for (line, name), want, place in zip(present, wanted, placed, strict=True)
    )


def _value_scale(chart: CurveChart, lines: list[_Line]) -> Scale:
    """Cover all replicates and, as far as half their range beyond, the bands.

    Two replicates have an interval nine standard deviations wide; it must not flatten the lines.
    """
    values = np.concatenate([np.ravel(curve.replicates) for curve in chart.curves])
    known = values[np.isfinite(values) & ((values > 0) if chart.y_log else True)]
    summaries = [line.summary for line in lines]
    ends = np.concatenate([part for s in summaries for part in (s.center, s.low, s.high)])
    ends = ends[np.isfinite(ends)]
    if not known.size:
        return covering([], chart.y_log)
    transform, back = (np.log, np.exp) if chart.y_log else (np.positive, np.positive)
    low, high = transform(known.min()), transform(known.max())
    room = (high - low) / 2
    low = max(transform(ends.min()), low - room)
    high = min(transform(ends.max()), high + room)
    return covering([float(back(low)), float(back(high))], chart.y_log)


def _band(line: _Line, x_scale: Scale, y_scale: Scale) -> list[Shape]:
    """Fill between the band's ends, one polygon per stretch without a gap."""
    summary = line.summary
    across = x_scale.fractions(line.curve.x)
    low, high = y_scale.fractions(summary.low), y_scale.fractions(summary.high)
    known = np.isfinite(low) & np.isfinite(high) & np.isfinite(across)
    stretches = np.split(np.arange(known.size), np.flatnonzero(np.diff(known)) + 1)
    path = "".join(
        closed_path(
            np.r_[across[stretch], across[stretch][::-1]], np.r_[high[stretch], low[stretch][::-1]]
        )
        for stretch in stretches
        if stretch.size >= 2 and known[stretch[0]]
    )
    return [Shape(path, "area", line.style.soft)] if path else []


def _traces(line: _Line, x_scale: Scale, y_scale: Scale) -> list[Shape]:
    """Draw the line, and where it stops early lead from there to its name at the right edge."""
    across, upward = x_scale.fractions(line.curve.x), y_scale.fractions(line.summary.center)
    path = open_path(across, upward)
    shapes = [Shape(path, "line", line.style.color, line.style.dash)] if path else []
    known = np.flatnonzero(np.isfinite(across) & np.isfinite(upward))
    if known.size and across[known[-1]] < 1 - 1e-6:
        leader = open_path(np.array([across[known[-1]], 1.0]), np.full(2, upward[known[-1]]))
        shapes.append(Shape(leader, "leader wide", line.style.color))
    return shapes


def _marks(line: _Line, x_scale: Scale, y_scale: Scale) -> list[Marks]:
    """Mark a line where it has few places, stands alone, or stops early."""
    curve, style = line.curve, line.style
    across = x_scale.fractions(curve.x)
    upward = y_scale.fractions(line.summary.center)
    known = np.isfinite(across) & np.isfinite(upward)
    few = curve.x.size <= _FEW
    here = known if few else known & ~np.r_[False, known[:-1]] & ~np.r_[known[1:], False]
    # A line that stops early carries a mark there, as its name stands at the right edge.
    if known.any() and not known[-1]:
        here = here.copy()
        here[np.flatnonzero(known)[-1]] = True
    spots = tuple(spot(float(across[at]), float(upward[at])) for at in np.flatnonzero(here))
    return [Marks(style.symbol if few else "circle", style.color, spots)] if spots else []


def _hover(chart: CurveChart, lines: list[_Line], x_scale: Scale) -> dict[str, Any]:
    """Say what is read along x: at each position the value of each line."""
    places = np.unique(np.concatenate([line.curve.x for line in lines]).astype(np.float64))
    places = places[np.isfinite(x_scale.fractions(places))]
    most = max(_READ // len(lines), 20)
    places = places[thinned(places.size, most)]
    rows = []
    for line in lines:
        at = {float(x): number for number, x in enumerate(line.curve.x)}
        texts = [_reading(line.summary, at.get(float(x))) for x in places]
        rows.append({"name": line.curve.name, "color": line.style.color, "texts": texts})
    return {
        "x": [round(float(share), 4) for share in x_scale.fractions(places)],
        "labels": [f"{chart.x_label}: {short(float(x))}" for x in places],
        "rows": rows,
    }


def _reading(summary: Summary, at: int | None) -> str:
    if at is None or not np.isfinite(summary.center[at]):
        return ""
    ends = (float(part[at]) for part in (summary.center, summary.low, summary.high))
    return interval_text(*ends)


def _notes(chart: CurveChart, lines: list[_Line]) -> tuple[str, ...]:
    """Say what the lines and bands are, and over how many replicates."""
    counts = np.concatenate([line.summary.count for line in lines])
    counts = counts[counts > 0]
    if not counts.size:
        return ("No value can be drawn.",)
    most, least = int(counts.max()), int(counts.min())
    if most == 1:
        notes = ["One replicate: lines are single runs and have no band."]
    else:
        center, ends = ("medians", "quartiles")
        if chart.band == "mean and 95 % interval":
            center, ends = ("geometric means" if chart.y_log else "means", "95 % intervals")
        span = f"n = {whole(most)}" if least == most else f"n = {whole(least)} to {whole(most)}"
        span = "" if span in chart.caption else f" ({span})"
        # A caption that says it already need not be repeated.
        said = ends.rstrip("s") in chart.caption and ("geometric" in center) == (
            "geometric" in chart.caption
        )
        notes = [] if said else [f"Lines are {center} and bands {ends} over replicates{span}."]
    if any(np.isnan(line.curve.replicates).any() for line in lines if line.end is not None):
        notes.append("A line stops or has a gap where under half of its replicates have a value.")
    if absent := [line.curve.name for line in lines if line.end is None]:
        notes.append(f"Without a value: {', '.join(absent)}.")
    if chart.y_log and any((curve.replicates <= 0).any() for curve in chart.curves):
        notes.append("Values of zero or below cannot stand on the logarithmic axis.")
    return tuple(notes)


def _numbers(chart: CurveChart, lines: list[_Line]) -> Table:
    """List where each line ends."""
    rows = []
    for line in lines:
        known = np.flatnonzero(np.isfinite(line.summary.center))
        if not known.size:
            rows.append((line.curve.name, MISSING, MISSING, 0))
            continue
        at, summary = known[-1], line.summary
        text = interval_text(*(float(s[at]) for s in (summary.center, summary.low, summary.high)))
        rows.append((line.curve.name, short(float(line.curve.x[at])), text, int(summary.count[at])))
    return Table(
        title=chart.title,
        caption="Where each line ends.",
        columns=("", chart.x_label, chart.y_label, "n"),
        rows=tuple(rows),
    )
