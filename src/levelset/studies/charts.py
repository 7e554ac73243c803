"""What a study wants drawn, as plain data.

A chart here is a value: arrays, names and units, and one sentence that says what to see. It knows
nothing of pixels or colors; `levelset.report` is the only place that draws. So a study can be
tested by its numbers, and the same chart can be drawn on a page, in a terminal or in a browser.

A thing is named twice: `name` is what the reader sees, and `color_key` is what keeps its color the
same in every chart of a page. Keys that differ by one number are written `"family=number"`, for
example `"dropout=0.3"`: their colors then run along one scale, in the order of the numbers.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float, Int, Real

Band: TypeAlias = Literal["mean and 95 % interval", "median and quartiles"]


@dataclass(frozen=True, eq=False)
class Curve:
    """One quantity along x, measured once per replicate.

    Attributes:
        name: What the reader sees beside the line.
        x: Positions, ascending, shape (k,).
        replicates: One row per replicate, shape (r, k); NaN where there is no value, for example
            after a member stopped.
        color_key: What keeps the color the same throughout a page.
    """

    name: str
    x: Real[np.ndarray, " k"]
    replicates: Float[np.ndarray, "r k"]
    color_key: str


@dataclass(frozen=True)
class CurveChart:
    """Lines over x, each with a band over its replicates.

    Attributes:
        title: What the chart is of.
        caption: One sentence that says what to see, with n.
        x_label: Name and unit of x, for example "Epoch".
        y_label: Name and unit of y, for example "Validation loss (nats)".
        curves: One or more curves, in the order of the legend.
        x_log: Whether x is on a logarithmic axis; values of x <= 0 are then not drawn.
        y_log: Whether y is on a logarithmic axis; means and intervals are then those of the
            logarithms (geometric means), and values <= 0 are not drawn.
        band: What the line and the band are over the replicates.

    Example:
        >>> curve = Curve("ReLU", np.arange(3.0), np.array([[3.0, 2.0, 1.0]]), "relu")
        >>> chart = CurveChart("Loss", "It falls (n = 1).", "Epoch", "Loss (nats)", (curve,))
        >>> chart.band
        'mean and 95 % interval'
    """

    title: str
    caption: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    x_log: bool = False
    y_log: bool = False
    band: Band = "mean and 95 % interval"


@dataclass(frozen=True)
class Point:
    """An estimate and its interval; NaN where there is none."""

    name: str
    estimate: float
    low: float
    high: float
    color_key: str


@dataclass(frozen=True)
class IntervalChart:
    """Estimates with their intervals, one row each, on a common axis (a forest plot).

    Attributes:
        title: What the chart is of.
        caption: One sentence that says what to see, with n and the level of the intervals.
        x_label: Name and unit of the estimates.
        points: One or more estimates, from the top.
        reference: Where a dashed line stands, for example 0 for "no difference"; None for none.
        x_log: Whether the axis is logarithmic, as for ratios: then ½ is as far from 1 as 2.

    Example:
        >>> point = Point("dropout 0.3", 0.02, -0.01, 0.05, "dropout=0.3")
        >>> IntervalChart("Gain", "None is shown (n = 8).", "Accuracy", (point,), 0.0).reference
        0.0
    """

    title: str
    caption: str
    x_label: str
    points: tuple[Point, ...]
    reference: float | None = None
    x_log: bool = False


@dataclass(frozen=True, eq=False)
class Panel:
    """Class probabilities over a plane, and the rows the network learned from.

    Attributes:
        title: What sets this panel apart, for example "λ = 0.01".
        x: Ascending grid along the horizontal axis, shape (k,), in units of the axis.
        y: Ascending grid along the vertical axis, shape (j,).
        probabilities: p_c at each grid point, shape (j, k, c).
        points: Training rows in the plane, (horizontal, vertical), shape (p, 2).
        labels: Their class numbers, shape (p,).
    """

    title: str
    x: Float[np.ndarray, " k"]
    y: Float[np.ndarray, " j"]
    probabilities: Float[np.ndarray, "j k c"]
    points: Float[np.ndarray, "p 2"]
    labels: Int[np.ndarray, " p"]


@dataclass(frozen=True)
class PlaneChart:
    """Level sets p_a = p_b in a plane, one panel per network, on common axes.

    Attributes:
        title: What the chart is of.
        caption: One sentence that says what to see.
        x_label: Name and unit of the horizontal axis.
        y_label: Name and unit of the vertical axis.
        panels: One or more panels.
        classes: Names of the c classes, in the order of the probabilities' last axis.
    """

    title: str
    caption: str
    x_label: str
    y_label: str
    panels: tuple[Panel, ...]
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows under named columns.

    Attributes:
        title: What the table is of.
        caption: One sentence that says what to see, with n.
        columns: Names, with units.
        rows: One tuple per row, as long as `columns`; NaN means that there is no value.

    Example:
        >>> Table("Rows", "Class sizes.", ("class", "rows"), (("setosa", 50),)).columns
        ('class', 'rows')
    """

    title: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | int, ...], ...]


@dataclass(frozen=True, eq=False)
class Cloud:
    """One group of points of a scatter chart.

    Attributes:
        name: What the reader sees beside the symbol.
        x: Horizontal positions, shape (k,); points that are not finite are not drawn.
        y: Vertical positions, shape (k,).
        color_key: What keeps the color the same throughout a page.
        labels: What is read on a point, one each; () for none.
    """

    name: str
    x: Real[np.ndarray, " k"]
    y: Real[np.ndarray, " k"]
    color_key: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScatterChart:
    """Points over two quantities, for example sharpness against gap, one point per network.

    Attributes:
        title: What the chart is of.
        caption: One sentence that says what to see, with n.
        x_label: Name and unit of x.
        y_label: Name and unit of y.
        clouds: One or more groups of points, in the order of the legend.
        x_log: Whether x is on a logarithmic axis; points with x <= 0 are then not drawn.
        y_log: Whether y is on a logarithmic axis; points with y <= 0 are then not drawn.

    Example:
        >>> cloud = Cloud("ReLU", np.array([1.0, 2.0]), np.array([0.1, 0.3]), "relu", ("a", "b"))
        >>> ScatterChart("Gap", "It grows (n = 2).", "Trace", "Gap (nats)", (cloud,)).x_log
        False
    """

    title: str
    caption: str
    x_label: str
    y_label: str
    clouds: tuple[Cloud, ...]
    x_log: bool = False
    y_log: bool = False


@dataclass(frozen=True, eq=False)
class SurfacePanel:
    """One surface z over a grid.

    Attributes:
        title: What sets this panel apart, for example "λ = 0.01".
        x: Ascending grid along the horizontal axis, shape (k,).
        y: Ascending grid along the vertical axis, shape (j,).
        z: Height at each grid point, shape (j, k); NaN where there is none.
    """

    title: str
    x: Float[np.ndarray, " k"]
    y: Float[np.ndarray, " j"]
    z: Float[np.ndarray, "j k"]


@dataclass(frozen=True)
class SurfaceChart:
    """A quantity over a plane as a colored map with contour lines, for example a loss surface.

    Attributes:
        title: What the chart is of.
        caption: One sentence that says what to see.
        x_label: Name and unit of the horizontal axis.
        y_label: Name and unit of the vertical axis.
        z_label: Name and unit of the height.
        panels: One or more panels; they share the scale of z.
        z_log: Whether the scale of z is logarithmic; heights <= 0 are then not drawn.

    Example:
        >>> panel = SurfacePanel("λ = 0", np.arange(3.0), np.arange(2.0), np.ones((2, 3)))
        >>> chart = SurfaceChart("Loss", "A bowl.", "First", "Second", "Loss (nats)", (panel,))
        >>> chart.z_log
        False
    """

    title: str
    caption: str
    x_label: str
    y_label: str
    z_label: str
    panels: tuple[SurfacePanel, ...]
    z_log: bool = False


@dataclass(frozen=True, eq=False)
class SimplexPanel:
    """Rows as points in the triangle of three classes.

    Attributes:
        title: What sets this panel apart, for example "T = 2".
        probabilities: What the network believes of each row, shape (p, 3).
        labels: Their true class numbers, shape (p,).
    """

    title: str
    probabilities: Float[np.ndarray, "p 3"]
    labels: Int[np.ndarray, " p"]


@dataclass(frozen=True)
class SimplexChart:
    """Probabilities of three classes in a triangle, one panel per network or temperature.

    Attributes:
        title: What the chart is of.
        caption: One sentence that says what to see, with n.
        panels: One or more panels.
        classes: Names of the three corners, in the order of the probabilities.

    Example:
        >>> panel = SimplexPanel("T = 1", np.array([[0.8, 0.1, 0.1]]), np.array([0]))
        >>> SimplexChart("Beliefs", "One row.", (panel,), ("a", "b", "c")).classes
        ('a', 'b', 'c')
    """

    title: str
    caption: str
    panels: tuple[SimplexPanel, ...]
    classes: tuple[str, ...]


@dataclass(frozen=True)
class PlaneSliderRow:
    """One sequence of level sets, for example one arm over its epochs.

    Attributes:
        title: What sets this sequence apart, for example "ReLU".
        panels: One per step of the slider; a panel's title is the step's name.
    """

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class PlaneSlider:
    """Level sets p_a = p_b that move, step by step; small multiples where nothing can move.

    Attributes:
        title: What the chart is of.
        caption: One sentence that says what to see.
        x_label: Name and unit of the horizontal axis.
        y_label: Name and unit of the vertical axis.
        rows: One or more sequences, side by side; each has one panel per step.
        steps: What the slider says, for example "before training", "epoch 5".
        classes: Names of the c classes, in the order of the probabilities' last axis.
    """

    title: str
    caption: str
    x_label: str
    y_label: str
    rows: tuple[PlaneSliderRow, ...]
    steps: tuple[str, ...]
    classes: tuple[str, ...]


Chart: TypeAlias = (
    CurveChart
    | IntervalChart
    | PlaneChart
    | ScatterChart
    | SurfaceChart
    | SimplexChart
    | PlaneSlider
)
