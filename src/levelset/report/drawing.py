"""What every kind of figure has in common: a plotly figure, its legend, and its numbers as a table.

A `Drawing` names no color by value and knows no width: the page's script looks the colors up and
takes `narrow` instead of `layout` where the figure has less than 560 pixels.
"""

import html
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from levelset.report.palette import Style
from levelset.studies.charts import Table

Trace: TypeAlias = dict[str, Any]

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
LINE_HEIGHT = 17  # pixels, of labels of 13 pixels
_CHARACTER = 7.6  # pixels, mean width of a character of 13 pixels in FONT


@dataclass(frozen=True)
class LegendEntry:
    """A name, and how the thing looks: a line, or a marker."""

    name: str
    style: Style
    kind: Literal["line", "marker"]


@dataclass(frozen=True)
class Drawing:
    """A figure, ready for the page.

    Attributes:
        traces: Plotly's `data`.
        layout: Plotly's `layout`, with the height in pixels and no width.
        narrow: What replaces entries of `layout` on a phone.
        legend: Names of the things drawn.
        legend_shown: "narrow" where the figure on a desktop names its lines by itself.
        notes: Sentences that follow the caption, on what the lines and bands are.
        numbers: What the figure shows, for those who cannot see it; None if it has no numbers.
    """

    traces: list[Trace]
    layout: dict[str, Any]
    narrow: dict[str, Any]
    legend: tuple[LegendEntry, ...] = ()
    legend_shown: Literal["always", "narrow", "never"] = "never"
    notes: tuple[str, ...] = ()
    numbers: Table | None = None


@dataclass(frozen=True)
class Label:
    """Text beside a figure, measured before it is drawn.

    Attributes:
        lines: The text as it was given, cut into lines.
    """

    lines: tuple[str, ...] = field(default=())

    @property
    def markup(self) -> str:
        """The label in plotly's own markup."""
        return "<br>".join(plain(line) for line in self.lines)

    @property
    def width(self) -> int:
        """Its width in pixels, roughly."""
        return round(_CHARACTER * max((len(line) for line in self.lines), default=0))

    @property
    def height(self) -> int:
        """Its height in pixels."""
        return LINE_HEIGHT * len(self.lines)


def label(text: str, characters: int, at_most: int = 3) -> Label:
    """Cut a text into lines no longer than so many characters.

    Args:
        text: Anything a user named.
        characters: The longest line.
        at_most: How many lines; what is beyond is replaced by an ellipsis.

    Example:
        >>> label("a rather long name", 10).lines
        ('a rather', 'long name')
    """
    words = " ".join(text.split())
    lines = textwrap.wrap(words, characters)
    if len(lines) > at_most:
        return Label((*lines[: at_most - 1], lines[at_most - 1][: characters - 1] + "…"))
    # The narrowest lines of that number, so that no word is left alone on the last.
    while len(lines) > 1 and len(closer := textwrap.wrap(words, characters - 1)) == len(lines):
        lines, characters = closer, characters - 1
    return Label(tuple(lines))


def plain(text: str) -> str:
    """Escape a text for plotly, which reads `<b>` and `&amp;` in labels as HTML does."""
    # A text between dollars would be taken for a formula.
    return html.escape(text, quote=False).replace("$", "&#36;")


def base_layout(height: int, margin: dict[str, int]) -> dict[str, Any]:
    """Give the layout that all figures share.

    Args:
        height: Of the whole figure, in pixels.
        margin: Pixels around the plot, keys l, r, t and b.
    """
    return {
        "height": height,
        "margin": {**margin, "pad": 0, "autoexpand": False},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13, "color": "--ink"},
        "showlegend": False,
        "dragmode": False,
        "hoverlabel": {
            "bgcolor": "--raised",
            "bordercolor": "--axis",
            "font": {"color": "--ink", "size": 13},
            "align": "left",
        },
        "annotations": [],
    }


def note(text: str, **where: Any) -> dict[str, Any]:
    """Place a text on a figure; `text` is plotly's markup, so escape names first."""
    return {
        "text": text,
        "showarrow": False,
        "font": {"color": "--ink", "size": 13},
        "align": "left",
        **where,
    }


def axis_label(text: str, narrow: bool) -> Label:
    """Cut the name of an axis to the width of a figure, in at most two lines."""
    return label(text, 44 if narrow else 84, at_most=2)


def name_of_x(name: Label) -> dict[str, Any]:
    """Name the x axis below its middle; the lower margin must hold the name."""
    return note(
        name.markup,
        xref="paper", yref="paper", x=0.5, y=0,
        xanchor="center", yanchor="top", yshift=-28, align="center",
    )  # fmt: skip


def spread(
    middles: Sequence[float], heights: Sequence[float | int], room: float | int
) -> list[float]:
    """Move labels apart so that none overlaps another, each as little as possible.

    Neighbors that would overlap are joined to a block, which stands at the mean of the places its
    members want; blocks that overlap are joined in turn (pooling of adjacent violators).

    Args:
        middles: Where each label's middle would best be, in pixels, in any order.
        heights: Of the labels.
        room: The labels stay between 0 and this, if together they fit.

    Returns:
        Where each middle is put, in the order given.

    Example:
        >>> spread([10.0, 12.0, 50.0], [10.0, 10.0, 10.0], 100.0)
        [6.0, 16.0, 50.0]
    """
    heights, room = [float(height) for height in heights], float(room)
    order = sorted(range(len(middles)), key=lambda index: middles[index])
    blocks: list[tuple[float, float, list[int]]] = []  # top, height, members
    for index in order:
        block = (middles[index] - heights[index] / 2, heights[index], [index])
        block = _inside(block, room)
        while blocks and blocks[-1][0] + blocks[-1][1] > block[0]:
            before = blocks.pop()
            members = before[2] + block[2]
            top = (before[0] * len(before[2]) + (block[0] - before[1]) * len(block[2])) / len(
                members
            )
            block = _inside((top, before[1] + block[1], members), room)
        blocks.append(block)
    placed = [0.0] * len(middles)
    for top, _, members in blocks:
        for index in members:
            placed[index] = top + heights[index] / 2
            top += heights[index]
    return placed


def _inside(block: tuple[float, float, list[int]], room: float) -> tuple[float, float, list[int]]:
    top, height, members = block
    return max(min(top, room - height), 0.0), height, members
