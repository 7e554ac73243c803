"""One color per thing: which hue, dash and symbol stand for a key, on light and on dark paper.

Figures name colors by CSS variables (`--series-1`), never by value. The page defines the variables
twice, for light and for dark, so a figure follows the reader's color scheme. This module holds the
values and the assignment of keys to them.

The eight hues are those of Okabe and Ito, moved until each stands out from its paper by at least
3:1 (WCAG 2.1, 1.4.11) and any two remain as far apart as Okabe and Ito's own under full
deuteranopia and protanopia (Machado, Oliveira and Fernandes 2009). The ramps are stretches of
matplotlib's "plasma", the scale of heights its "viridis", both uniform to the eye and safe for the
color blind. `tests/report/test_palette.py` measures both properties.

Source: Okabe and Ito, "Color universal design" (2008).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

# fmt: off
SERIES_LIGHT = (
    "#3d61c2", "#c24c0b", "#258240", "#be2f7e",  # blue, vermilion, green, magenta
    "#318eaf", "#a38f0c", "#7f034d", "#605c54",  # sky, ochre, wine, stone
)
SERIES_DARK = (
    "#467ce3", "#ec573c", "#25d398", "#d593eb",
    "#92dfff", "#e8a130", "#c63c67", "#9498a3",
)
RAMP_LIGHT = (
    "#0d0887", "#2a0593", "#47039f", "#5d02a4", "#7402a8", "#890da3",
    "#9e199d", "#af2990", "#bf3984", "#cd4a76", "#da5a69", "#e56b5d",
)
RAMP_DARK = (
    "#ba3488", "#c7437c", "#d35170", "#de6164", "#e87159", "#f0814e",
    "#f79342", "#fba537", "#fcb92e", "#fccd26", "#f6e323", "#f0f921",
)
HEIGHTS = (  # of a surface, from the lowest; the same on both papers
    "#440154", "#482173", "#433e85", "#38588c", "#2d708e", "#25858e",
    "#1e9b8a", "#2ab07f", "#52c569", "#86d549", "#c2df23", "#fde725",
)
# fmt: on
PAPER_LIGHT, PAPER_DARK = "#ffffff", "#15181c"
SOFT_OPACITY = 0.2
TEXT_CONTRAST = 4.5

DASHES = ("solid", "dash", "dot", "dashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "x", "star")

_FAMILY = re.compile(r"(?P<family>[^=]+)=(?P<value>[-+0-9.eE]+)")
# What returns in many studies looks the same in every report, whatever else is on the page:
# (hue, dash), both numbered from 0.
_FIXED: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "relu": (0, 0),
        "sigmoid": (1, 0),
        "tanh": (2, 0),
        "identity": (7, 0),
        "leaky_relu": (0, 1),
        "elu": (4, 0),
        "selu": (4, 1),
        "gelu": (3, 0),
        "silu": (3, 1),
        "softplus": (1, 1),
        "training": (0, 0),
        "validation": (1, 0),
        "test": (2, 0),
        "mlp": (0, 0),
        "logistic": (1, 0),
        "majority": (7, 0),
        "boosting": (2, 0),
    }
)


@dataclass(frozen=True)
class Style:
    """How one thing is drawn everywhere on a page.

    Attributes:
        color: The CSS variable of its color.
        soft: The CSS variable of the same color, translucent, for bands and regions.
        text: The CSS variable of the same hue, readable as text.
        dash: Its line pattern, one of `DASHES`.
        symbol: Its marker, one of `SYMBOLS`.
    """

    color: str
    soft: str
    text: str
    dash: str
    symbol: str


def series_style(hue: int, dash: int = 0) -> Style:
    """Make the style of a hue; numbers beyond the palette begin again with the next pattern.

    Args:
        hue: From 0.
        dash: Line pattern from 0.

    Example:
        >>> series_style(1).color, series_style(9).dash
        ('--series-2', 'dash')
    """
    turn, hue = divmod(hue, len(SERIES_LIGHT))
    pattern = (dash + turn) % len(DASHES)
    symbol = SYMBOLS[(hue + pattern) % len(SYMBOLS)]
    return _style(f"--series-{hue + 1}", DASHES[pattern], symbol)


def assign(groups: Iterable[Sequence[str]]) -> dict[str, Style]:
    """Give each color key one style, for a whole page.

    Keys of one family (`"dropout=0.3"`) take their places along a ramp in the order of their
    numbers, over all the groups. Any other key takes the hue that is least used so far among
    those that no key of a common group has.

    Args:
        groups: The keys of each chart, in reading order. Keys of one group are seen together.

    Returns:
        A style for every key; the same for the same groups.

    Example:
        >>> styles = assign([("relu", "sigmoid"), ("relu", "width=8", "width=64")])
        >>> styles["relu"].color, styles["width=8"].color, styles["width=64"].color
        ('--series-1', '--ramp-1', '--ramp-12')
    """
    charts = [tuple(dict.fromkeys(group)) for group in groups]
    keys = list(dict.fromkeys(key for chart in charts for key in chart))
    styles = _ramp_styles(keys)
    places = {key: _FIXED[key] for key in keys if key in _FIXED}
    for key in keys:
        if key not in styles and key not in places:
            seen_with = {other for chart in charts if key in chart for other in chart}
            near = [places[other] for other in seen_with if other in places]
            places[key] = _free_place(near, list(places.values()))
    return styles | {key: series_style(*place) for key, place in places.items()}


def stylesheet() -> str:
    """Write the color variables of both schemes as CSS; print is always light."""
    light = _variables(SERIES_LIGHT, RAMP_LIGHT, PAPER_LIGHT)
    dark = _variables(SERIES_DARK, RAMP_DARK, PAPER_DARK)
    heights = " ".join(f"--height-{n}: {color};" for n, color in enumerate(HEIGHTS, start=1))
    return (
        f":root {{ {light} {heights} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    )


def _variables(series: Sequence[str], ramp: Sequence[str], paper: str) -> str:
    entries = []
    for family, values in (("series", series), ("ramp", ramp)):
        for number, value in enumerate(values, start=1):
            red, green, blue = _channels(value)
            entries += [
                f"--{family}-{number}: {value};",
                f"--{family}-{number}-soft: rgba({red}, {green}, {blue}, {SOFT_OPACITY});",
                f"--{family}-{number}-text: {_readable(value, paper)};",
            ]
    return " ".join(entries)


def contrast(color: str, other: str) -> float:
    """Measure how well two colors stand apart, from 1 to 21.

    (L₁ + 0.05) / (L₂ + 0.05), with L₁ >= L₂ the relative luminances.

    Args:
        color: Written `#rrggbb`.
        other: Written `#rrggbb`.

    Example:
        >>> contrast("#000000", "#ffffff")
        21.0

    Source: WCAG 2.1, definition of contrast ratio.
    """
    darker, lighter = sorted((_luminance(color), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    """Take the relative luminance of an sRGB color, 0 for black to 1 for white."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in _channels(color))
    ]
    return round(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2], 12)


def _channels(color: str) -> tuple[int, int, int]:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def _readable(color: str, paper: str) -> str:
    """Move a color away from its paper until it can be read as text (WCAG 2.1, 1.4.3)."""
    goal = 0 if _luminance(paper) > 0.5 else 255
    channels = _channels(color)
    texts = (
        "#" + "".join(f"{round(part + (goal - part) * step / 100):02x}" for part in channels)
        for step in range(101)
    )
    return next(text for text in texts if contrast(text, paper) >= TEXT_CONTRAST)


def _style(name: str, dash: str, symbol: str) -> Style:
    return Style(name, f"{name}-soft", f"{name}-text", dash, symbol)


def _ramp_styles(keys: Sequence[str]) -> dict[str, Style]:
    """Place the keys that are written "family=number" along the ramp, family by family."""
    families: dict[str, list[tuple[float, str]]] = {}
    for key in keys:
        if found := _FAMILY.fullmatch(key):
            try:
                value = float(found["value"])
            except ValueError:
                continue
            families.setdefault(found["family"], []).append((value, key))
    styles = {}
    for members in families.values():
        last = max(len(members) - 1, 1)
        for rank, (_, key) in enumerate(sorted(members)):
            name = f"--ramp-{1 + round(rank * (len(RAMP_LIGHT) - 1) / last)}"
            styles[key] = _style(name, "solid", SYMBOLS[rank % len(SYMBOLS)])
    return styles


def _free_place(
    near: Sequence[tuple[int, int]], used: Sequence[tuple[int, int]]
) -> tuple[int, int]:
    """Choose the place least used on the page among those unlike every neighbor."""
    for dash in range(len(DASHES)):
        hues = [hue for hue in range(len(SERIES_LIGHT)) if (hue, dash) not in near]
        if dash == 0:
            near_hues = {hue for hue, _ in near}
            hues = [hue for hue in hues if hue not in near_hues]
        if hues:
            return min(hues, key=lambda hue: sum(hue == other for other, _ in used)), dash
    return len(used) % len(SERIES_LIGHT), len(DASHES) - 1
