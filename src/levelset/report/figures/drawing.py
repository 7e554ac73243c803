"""What every kind of figure has in common: frames with axes, a legend, and numbers as a table.

A `Drawing` names no color by value and knows no width: the page's style decides both where it is
read. Text stays text, beside the picture and never in it.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from levelset.report.figures.axes import Tick
from levelset.report.figures.marks import Marks, Shape
from levelset.report.figures.palette import Style
from levelset.studies.charts import Table

LINE_HEIGHT = 17  # pixels, of labels of 13 pixels
NARROW = 34  # rem; below this width of a figure, `narrow` things are shown and `wide` ones hidden


@dataclass(frozen=True)
class LegendEntry:
    """A name, and how the thing looks: a line, or a marker."""

    name: str
    style: Style
    kind: Literal["line", "marker"]


@dataclass(frozen=True)
class End:
    """The name of a line beside its end.

    Attributes:
        lines: The name, cut into lines.
        color: CSS variable in which it can be read.
        stroke: CSS variable of the thread that joins it to the line.
        at: Where the line ends, in pixels from the top of the frame.
        middle: Where the middle of the name stands.
    """

    lines: tuple[str, ...]
    color: str
    stroke: str
    at: float
    middle: float


@dataclass(frozen=True)
class Frame:
    """One picture with its axes.

    Attributes:
        title: What sets it apart from its neighbors; "" for none.
        shapes: Paths, from the back to the front.
        marks: Symbols, in front of the paths.
        x_ticks: Along the lower edge.
        y_ticks: Along the left edge.
        corners: Names at the lower left, lower right and top of a triangle; () for none.
    """

    title: str
    shapes: tuple[Shape, ...]
    marks: tuple[Marks, ...] = ()
    x_ticks: tuple[Tick, ...] = ()
    y_ticks: tuple[Tick, ...] = ()
    corners: tuple[str, ...] = ()

    @property
    def left(self) -> int:
        """Characters of the longest label at the left edge."""
        return max((len(tick.text) for tick in self.y_ticks), default=0)


@dataclass(frozen=True)
class BarStep:
    """One color of a color bar, and the label at its lower end."""

    color: str
    text: str
    range: str


@dataclass(frozen=True)
class Picture:
    """Frames that share the names of their axes.

    Attributes:
        frames: One or more, in reading order.
        x_name: Name and unit of the horizontal axis; "" for none.
        y_name: Name and unit of the vertical axis; "" for none.
        look: "open" for a frame with a base line alone, "boxed", or "bare" without any.
        height: Of a frame in pixels; 0 where `ratio` gives it.
        ratio: Width of a frame over its height; 0 where `height` gives it.
        ends: Names of lines beside the right edge, where there is room.
        bar: Colors of heights, from the lowest; the last has a label alone.
        bar_name: Name and unit of the heights.
    """

    frames: tuple[Frame, ...]
    x_name: str
    y_name: str
    look: Literal["open", "boxed", "bare"]
    height: int = 0
    ratio: float = 0.0
    ends: tuple[End, ...] = ()
    bar: tuple[BarStep, ...] = ()
    bar_name: str = ""

    @property
    def columns(self) -> int:
        """How many frames stand side by side where there is room for three."""
        return {1: 1, 2: 2, 4: 2}.get(len(self.frames), 3)

    @property
    def right(self) -> int:
        """Characters of the longest name beside the right edge."""
        return max((len(line) for end in self.ends for line in end.lines), default=0)


@dataclass(frozen=True)
class Drawing:
    """A figure, ready for the page.

    Attributes:
        template: Name of the template that knows the picture.
        picture: What the template fills in.
        legend: Names of the things drawn.
        legend_shown: "narrow" where the figure on a desk names its lines by itself.
        notes: Sentences that follow the caption, on what the lines and bands are.
        numbers: What the figure shows, for those who cannot see it; None if it has no numbers.
        hover: What the page's script reads out along the x axis; None for nothing.
    """

    template: str
    picture: Any
    legend: tuple[LegendEntry, ...] = ()
    legend_shown: Literal["always", "narrow", "never"] = "never"
    notes: tuple[str, ...] = ()
    numbers: Table | None = None
    hover: dict[str, Any] | None = None


@dataclass(frozen=True)
class Label:
    """Text beside a figure, cut into lines before it is drawn.

    Attributes:
        lines: The text as it was given.
    """

    lines: tuple[str, ...] = field(default=())

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
