"""Curves over replicates: a line, a band, and the line's name beside its end."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64, Int64, Real

from levelset.report.axes import Scale, axis, covering, stops
from levelset.report.drawing import (
    Drawing,
    Label,
    LegendEntry,
    Trace,
    base_layout,
    label,
    name_of_x,
    note,
    plain,
    spread,
)
from levelset.report.numbers import MISSING, interval_text, number, whole
from levelset.report.palette import Style
from levelset.studies.charts import Band, Curve, CurveChart, Table
from levelset.theory.statistics import mean_interval

_PLOT_HEIGHT = 320
_TOP, _BOTTOM = 40, 52
_NARROW_LABEL = 14  # characters; longer names go to the legend on a phone
_FEW = 16  # positions; as many can carry markers


@dataclass(frozen=True)
class Summary:
    """A curve over its replicates, NaN where there is nothing to say.

    Attributes:
        center: Mean or median at each position, shape (k,).
        low: Lower end of the band, shape (k,).
        high: Upper end of the band, shape (k,).
        count: Replicates with a value there, shape (k,).
    """

    center: Float64[np.ndarray, " k"]
    low: Float64[np.ndarray, " k"]
    high: Float64[np.ndarray, " k"]
    count: Int64[np.ndarray, " k"]


def summarize(replicates: Real[np.ndarray, "r k"], band: Band, log: bool) -> Summary:
    """Take the line and the band at each position, over the replicates that have a value.

    On a logarithmic axis both are those of the logarithms. A mean over two or more replicates has
    Student's interval; one replicate has no band. Nothing is said where fewer than half of the
    replicates have a value: members that stop late are not like the others.

    Args:
        replicates: Shape (r, k); NaN and infinities have no value, nor has <= 0 when `log`.
        band: What the line and the band are.
        log: Whether the axis is logarithmic.

    Returns:
        The summary, in the units of the replicates.

    Example:
        >>> summary = summarize(np.array([[1.0], [3.0]]), "median and quartiles", log=False)
        >>> summary.center[0], summary.low[0], summary.high[0]
        (np.float64(2.0), np.float64(1.5), np.float64(2.5))
    """
    values = np.asarray(replicates, dtype=np.float64)
    known = np.isfinite(values) & ((values > 0) if log else True)
    values = np.log(values, where=known, out=np.full_like(values, np.nan)) if log else values
    center, low, high = np.full((3, values.shape[1]), np.nan)
    for place in range(values.shape[1]):
        here = values[known[:, place], place]
        if 2 * here.size < len(values):
            continue
        if here.size and band == "median and quartiles":
            low[place], center[place], high[place] = np.quantile(here, [0.25, 0.5, 0.75])
        elif here.size:
            center[place] = here.mean()
        if here.size >= 2 and band == "mean and 95 % interval":
            interval = mean_interval(here, 0.95)
            low[place], high[place] = interval.low, interval.high
        if here.size < 2:
            low[place] = high[place] = np.nan
    if log:
        center, low, high = np.exp(center), np.exp(low), np.exp(high)
    count = np.where(np.isfinite(center), known.sum(axis=0), 0)
    return Summary(center, low, high, count)


def draw_curves(chart: CurveChart, styles: dict[str, Style]) -> Drawing:
    """Draw a line and a band for each curve.

    Args:
        chart: What to draw.
        styles: How each color key looks.
    """
    summaries = [summarize(curve.replicates, chart.band, chart.y_log) for curve in chart.curves]
    x_values = [float(x) for curve in chart.curves for x in curve.x]
    x_scale = covering(x_values, chart.x_log, 0.02, after=0.0)
    y_scale = _value_scale(chart, summaries)
    traces: list[Trace] = []
    for curve, summary in zip(chart.curves, summaries, strict=True):
        drawn = ~((curve.x <= 0) & chart.x_log)
        traces += _band(curve, summary, drawn, styles[curve.color_key])
        traces.append(_line(curve, summary, drawn, styles[curve.color_key]))
    # Lines stand on top of every band.
    traces.sort(key=lambda trace: trace["mode"] != "none")

    wide, labelled = _layout(chart, summaries, styles, (x_scale, y_scale), 24, 6)
    short = all(len(curve.name) <= _NARROW_LABEL for curve in chart.curves)
    narrow, _ = _layout(
        chart, summaries, styles, (x_scale, y_scale), _NARROW_LABEL if short else 0, 4
    )
    return Drawing(
        traces=traces,
        layout=wide,
        narrow=narrow,
        legend=tuple(
            LegendEntry(curve.name, styles[curve.color_key], "line") for curve in chart.curves
        ),
        legend_shown=("never" if short else "narrow") if labelled else "always",
        notes=_notes(chart, summaries),
        numbers=_numbers(chart, summaries),
    )


def _layout(
    chart: CurveChart,
    summaries: list[Summary],
    styles: dict[str, Style],
    scales: tuple[Scale, Scale],
    characters: int,
    x_ticks: int,
) -> tuple[dict[str, Any], bool]:
    """Lay the figure out; also say whether its lines carry their names."""
    x_scale, y_scale = scales
    x_values = [float(x) for curve in chart.curves for x in curve.x]
    ticks = y_scale.ticks(6)
    left = Label(tuple(ticks.values())).width + 12
    names = [label(curve.name, characters) for curve in chart.curves] if characters else []
    labelled = bool(names) and sum(name.height for name in names) <= _PLOT_HEIGHT
    right = 24 + max(name.width for name in names) if labelled else 16
    height = _TOP + _PLOT_HEIGHT + _BOTTOM
    layout = base_layout(height, {"l": left, "r": right, "t": _TOP, "b": _BOTTOM})
    layout["xaxis"] = axis(x_scale, stops(x_values, x_scale, x_ticks), grid=False)
    layout["yaxis"] = axis(y_scale, ticks, grid=True)
    layout["hovermode"] = "x unified" if len(chart.curves) <= 6 else "closest"
    layout["annotations"] = [name_of_x(chart.x_label)]
    layout["annotations"].append(_name_of_y(chart.y_label, left))
    if labelled:
        layout["annotations"] += _line_names(chart, summaries, styles, y_scale, names)
    return layout, labelled


def _name_of_y(y_label: str, left: int) -> dict[str, Any]:
    """Name the y axis in level type above it, from the figure's left edge."""
    return note(
        plain(y_label),
        xref="paper", yref="paper", x=0, y=1,
        xanchor="left", yanchor="bottom", xshift=-left, yshift=12,
    )  # fmt: skip


def _line_names(
    chart: CurveChart,
    summaries: list[Summary],
    styles: dict[str, Style],
    y_scale: Scale,
    names: list[Label],
) -> list[dict[str, Any]]:
    """Write each line's name at the right edge, with a thread to where the line ends."""
    ends = []
    for summary in summaries:
        known = summary.center[np.isfinite(summary.center)]
        end = min(max(known[-1], y_scale.low), y_scale.high) if known.size else None
        ends.append(_PLOT_HEIGHT * (1 - y_scale.fraction(float(end))) if end is not None else None)
    present = [index for index, end in enumerate(ends) if end is not None]
    wanted = [float(ends[index] or 0.0) for index in present]
    placed = spread(wanted, [names[index].height for index in present], _PLOT_HEIGHT)
    annotations = []
    for index, want, place in zip(present, wanted, placed, strict=True):
        style = styles[chart.curves[index].color_key]
        annotations.append(
            note(
                names[index].markup,
                xref="paper", yref="paper", x=1, y=1 - want / _PLOT_HEIGHT,
                xanchor="left", yanchor="middle", font={"color": style.text, "size": 13},
                showarrow=True, arrowhead=0, arrowwidth=1, arrowcolor=style.color, standoff=0,
                axref="pixel", ayref="pixel", ax=14, ay=place - want, borderpad=2,
            )
        )  # fmt: skip
    return annotations


def _value_scale(chart: CurveChart, summaries: list[Summary]) -> Scale:
    """Cover all replicates and, as far as half their range beyond, the bands.

    Two replicates have an interval nine standard deviations wide; it must not flatten the lines.
    """
    values = np.concatenate([np.ravel(curve.replicates) for curve in chart.curves])
    known = values[np.isfinite(values) & ((values > 0) if chart.y_log else True)]
    ends = np.concatenate([np.concatenate([s.center, s.low, s.high]) for s in summaries])
    ends = ends[np.isfinite(ends)]
    if not known.size:
        return covering([], chart.y_log)
    transform, back = (np.log, np.exp) if chart.y_log else (np.positive, np.positive)
    low, high = transform(known.min()), transform(known.max())
    room = (high - low) / 2
    low = max(transform(ends.min()), low - room)
    high = min(transform(ends.max()), high + room)
    return covering([float(back(low)), float(back(high))], chart.y_log)


def _band(
    curve: Curve, summary: Summary, drawn: Bool[np.ndarray, " k"], style: Style
) -> list[Trace]:
    """Fill between the band's ends, one polygon per stretch without a gap."""
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
            "fillcolor": style.soft,
            "hoverinfo": "skip",
        }
    ]


def _line(curve: Curve, summary: Summary, drawn: Bool[np.ndarray, " k"], style: Style) -> Trace:
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


def _notes(chart: CurveChart, summaries: list[Summary]) -> tuple[str, ...]:
    """Say what the lines and bands are, and over how many replicates."""
    counts = np.concatenate([summary.count for summary in summaries])
    counts = counts[counts > 0]
    if not counts.size:
        return ("No value can be drawn.",)
    most, least = int(counts.max()), int(counts.min())
    if most == 1:
        return ("One replicate: lines are single runs and have no band.",)
    center, ends = ("medians", "quartiles")
    if chart.band == "mean and 95 % interval":
        center, ends = ("geometric means" if chart.y_log else "means", "95 % intervals")
    span = f"n = {whole(most)}" if least == most else f"n = {whole(least)} to {whole(most)}"
    span = "" if span in chart.caption else f" ({span})"
    notes = [f"Lines are {center} and bands {ends} over replicates{span}."]
    if any(np.isnan(curve.replicates).any() for curve in chart.curves):
        notes.append(
            "A line stops, or has a gap, where fewer than half of its replicates have a value."
        )
    if chart.y_log and any((curve.replicates <= 0).any() for curve in chart.curves):
        notes.append("Values of zero or below cannot stand on the logarithmic axis.")
    return tuple(notes)


def _numbers(chart: CurveChart, summaries: list[Summary]) -> Table:
    """List where each line ends."""
    rows = []
    for curve, summary in zip(chart.curves, summaries, strict=True):
        known = np.flatnonzero(np.isfinite(summary.center))
        if not known.size:
            rows.append((curve.name, MISSING, MISSING, 0))
            continue
        at = known[-1]
        text = interval_text(*(float(s[at]) for s in (summary.center, summary.low, summary.high)))
        rows.append((curve.name, number(float(curve.x[at])), text, int(summary.count[at])))
    return Table(
        title=chart.title,
        caption="Where each line ends.",
        columns=("", chart.x_label, chart.y_label, "n"),
        rows=tuple(rows),
    )


def _rounded(values: Real[np.ndarray, " k"]) -> list[float | None]:
    """Keep six digits, which no screen resolves, and make gaps of what is not finite."""
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in values]
