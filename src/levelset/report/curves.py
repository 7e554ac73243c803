"""Curves over replicates: a line, a band, and the line's name beside its end."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Real

from levelset.report.axes import Scale, axis, covering, stops
from levelset.report.drawing import (
    Drawing,
    Label,
    LegendEntry,
    Trace,
    axis_label,
    base_layout,
    label,
    name_of_x,
    note,
    plain,
    spread,
)
from levelset.report.numbers import MISSING, interval_text, short, whole
from levelset.report.palette import Style
from levelset.report.summaries import Summary, summarize
from levelset.studies.charts import Curve, CurveChart, Table

_PLOT_HEIGHT = 320
_TOP, _BOTTOM = 23, 35  # beside the names of the axes
_WIDE_LABEL = 24  # characters in a line
_NARROW_LABEL = 14  # longer names go to the legend on a phone
_FEW = 16  # positions; as many can carry markers
_FEW_LINES = 6  # as many can be read from one box


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
    traces: list[Trace] = []
    for line in lines:
        drawn = ~((line.curve.x <= 0) & chart.x_log)
        traces += [*_band(line, drawn), _trace(line, drawn)]
    # Lines stand on top of every band.
    traces.sort(key=lambda trace: trace["mode"] != "none")
    wide, wide_named = _layout(chart, lines, narrow=False)
    narrow, narrow_named = _layout(chart, lines, narrow=True)
    return Drawing(
        traces=traces,
        layout=wide,
        narrow=narrow,
        legend=tuple(LegendEntry(line.curve.name, line.style, "line") for line in lines),
        legend_shown="never" if narrow_named else "narrow" if wide_named else "always",
        notes=_notes(chart, lines),
        numbers=_numbers(chart, lines),
    )


def _layout(chart: CurveChart, lines: list[_Line], narrow: bool) -> tuple[dict[str, Any], bool]:
    """Lay the figure out; also say whether its lines carry their names."""
    x_values = [float(x) for curve in chart.curves for x in curve.x]
    x_scale = covering(x_values, chart.x_log, 0.02, after=0.0)
    y_scale = _value_scale(chart, lines)
    y_ticks = y_scale.ticks(6)
    names = [label(line.curve.name, _NARROW_LABEL if narrow else _WIDE_LABEL) for line in lines]
    named = sum(name.height for name in names) <= _PLOT_HEIGHT
    named &= not narrow or all(len(name.lines) == 1 for name in names)
    x_name, y_name = axis_label(chart.x_label, narrow), axis_label(chart.y_label, narrow)
    margin = {
        "l": Label(tuple(y_ticks.values())).width + 12,
        "r": 24 + max(name.width for name in names) if named else 16,
        "t": _TOP + y_name.height,
        "b": _BOTTOM + x_name.height,
    }
    layout = base_layout(margin["t"] + _PLOT_HEIGHT + margin["b"], margin)
    layout["xaxis"] = axis(x_scale, stops(x_values, x_scale, 4 if narrow else 6), grid=False)
    layout["yaxis"] = axis(y_scale, y_ticks, grid=True)
    layout["hovermode"] = "x unified" if len(lines) <= _FEW_LINES else "closest"
    layout["annotations"] = [name_of_x(x_name), _name_of_y(y_name, margin["l"])]
    if named:
        layout["annotations"] += _line_names(lines, names, y_scale)
    return layout, named


def _name_of_y(name: Label, left: int) -> dict[str, Any]:
    """Name the y axis in level type above it, from the figure's left edge."""
    return note(
        name.markup,
        xref="paper", yref="paper", x=0, y=1,
        xanchor="left", yanchor="bottom", xshift=-left, yshift=12,
    )  # fmt: skip


def _line_names(lines: list[_Line], names: list[Label], y_scale: Scale) -> list[dict[str, Any]]:
    """Write each line's name at the right edge, with a thread to where the line ends."""
    present, wanted = [], []
    for line, name in zip(lines, names, strict=True):
        if line.end is not None:
            end = min(max(line.end, y_scale.low), y_scale.high)
            present.append((line, name))
            wanted.append(_PLOT_HEIGHT * (1 - y_scale.fraction(end)))
    placed = spread(wanted, [name.height for _, name in present], _PLOT_HEIGHT)
    return [
        note(
            name.markup,
            xref="paper", yref="paper", x=1, y=1 - want / _PLOT_HEIGHT,
            xanchor="left", yanchor="middle", font={"color": line.style.text, "size": 13},
            showarrow=True, arrowhead=0, arrowwidth=1, arrowcolor=line.style.color, standoff=0,
            axref="pixel", ayref="pixel", ax=14, ay=place - want, borderpad=2,
        )
        for (line, name), want, place in zip(present, wanted, placed, strict=True)
    ]  # fmt: skip


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


def _band(line: _Line, drawn: Bool[np.ndarray, " k"]) -> list[Trace]:
    """Fill between the band's ends, one polygon per stretch without a gap."""
    curve, summary = line.curve, line.summary
    known = np.isfinite(summary.low) & np.isfinite(summary.high) & drawn
    stretches = np.split(np.arange(known.size), np.flatnonzero(np.diff(known)) + 1)
    xs: list[float | None] = []
    ys: list[float | None] = []
    for stretch in stretches:
        if stretch.size < 2 or not known[stretch[0]]:
            continue
        xs += [*_rounded(curve.x[stretch]), *_rounded(curve.x[stretch][::-1]), None]
        ys += [*_rounded(summary.high[stretch]), *_rounded(summary.low[stretch][::-1]), None]
    if not xs:
        return []
    return [
        {
            "type": "scatter",
            "mode": "none",
            "x": xs[:-1],
            "y": ys[:-1],
            "fill": "toself",
            "fillcolor": line.style.soft,
            "hoverinfo": "skip",
        }
    ]


def _trace(line: _Line, drawn: Bool[np.ndarray, " k"]) -> Trace:
    """Draw the line, with marks where it has few places, stands alone, or stops early."""
    curve, summary, style = line.curve, line.summary, line.style
    ends = zip(summary.center, summary.low, summary.high, summary.count, strict=True)
    known = np.isfinite(summary.center)
    lonely = known & ~np.r_[False, known[:-1]] & ~np.r_[known[1:], False]
    # A line that stops early carries a mark there, as its name stands at the right edge.
    if known.any() and not known[-1]:
        lonely[np.flatnonzero(known)[-1]] = True
    marked = curve.x.size <= _FEW or bool(lonely.any())
    return {
        "type": "scatter",
        "mode": "lines+markers" if marked else "lines",
        "name": plain(curve.name),
        "x": [x if keep else None for x, keep in zip(_rounded(curve.x), drawn, strict=True)],
        "y": _rounded(summary.center),
        "line": {"color": style.color, "width": 2, "dash": style.dash},
        "marker": {
            "color": style.color,
            "size": 6 if curve.x.size <= _FEW else [6 if alone else 0 for alone in lonely],
            "symbol": style.symbol if curve.x.size <= _FEW else "circle",
        },
        "connectgaps": False,
        "cliponaxis": False,  # a marker at the edge stays whole
        "text": [f"{interval_text(m, low, high)}, n = {count}" for m, low, high, count in ends],
        "hovertemplate": "%{fullData.name}: %{text}<extra></extra>",
    }


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


def _rounded(values: Real[np.ndarray, " k"]) -> list[float | None]:
    """Keep six digits, which no screen resolves, and make gaps of what is not finite."""
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in values]
