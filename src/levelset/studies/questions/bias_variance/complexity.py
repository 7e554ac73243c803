"""The ways in which a network can be more or less complex, around one recipe."""

from collections.abc import Sequence
from dataclasses import dataclass

from levelset.engine import Recipe
from levelset.studies.design import Arm
from levelset.theory.numerals import numeral

WIDTHS = (2, 4, 16, 64, 256)
DEPTHS = (0, 1, 2, 3)
PENALTIES = (0.0, 1e-3, 1e-2, 1e-1, 1.0)
SHARES = (0.125, 0.25, 0.5, 1.0)

_WIDTH = 64  # of a base without hidden layers


@dataclass(frozen=True)
class Setting:
    """One point among the complexities.

    Attributes:
        arm: The recipe.
        share: Of the training rows that its networks see.
    """

    arm: Arm
    share: float


@dataclass(frozen=True)
class Axis:
    """One way to be more or less complex.

    Attributes:
        name: What varies, for example "width".
        label: Name and unit of the values, for an axis of a chart.
        values: Ascending.
        settings: Number of the setting at each value.
        log: Whether the values are best seen on a logarithmic axis.
    """

    name: str
    label: str
    values: tuple[float, ...]
    settings: tuple[int, ...]
    log: bool


@dataclass(frozen=True)
class Complexities:
    """All settings, the base first, and the axes that they lie on.

    Attributes:
        settings: Each once, though several axes may pass through it.
        axes: Width, depth, λ and training rows, in this order.
    """

    settings: tuple[Setting, ...]
    axes: tuple[Axis, ...]

    def axis(self, name: str) -> Axis:
        """Give the axis of a name."""
        return next(axis for axis in self.axes if axis.name == name)


def complexities_around(base: Recipe) -> Complexities:
    """Vary one thing at a time around a recipe.

    Widths are those of one hidden layer, because a wide layer is cheap only if it stands alone.
    Depths are those of layers as wide as the base's first. λ and the training rows vary at the base
    itself.

    Args:
        base: The recipe.

    Returns:
        The settings and their axes.

    Example:
        >>> around = complexities_around(Recipe(hidden=(64, 64)))
        >>> around.axis("depth").values, around.settings[0].arm.name
        ((0.0, 1.0, 2.0, 3.0), '64-64')
    """
    width = base.hidden[0] if base.hidden else _WIDTH
    wide = [_layers(base, (own,)) for own in WIDTHS]
    deep = [_layers(base, (width,) * own) for own in sorted({*DEPTHS, len(base.hidden)})]
    deep = [base if len(one.hidden) == len(base.hidden) else one for one in deep]
    path = sorted({*PENALTIES, base.l2})
    kept: list[Setting] = []
    axes = (
        ("width", "Units of the one hidden layer", WIDTHS, [(one, 1.0) for one in wide]),
        ("depth", "Hidden layers", [len(one.hidden) for one in deep], [(one, 1.0) for one in deep]),
        ("λ", "Penalty λ", path, [(base.changed(l2=l2), 1.0) for l2 in path]),
        ("training rows", "Share of the training rows", SHARES, [(base, own) for own in SHARES]),
    )
    _number(kept, base, 1.0)
    return Complexities(
        axes=tuple(
            Axis(
                name,
                label,
                tuple(map(float, values)),
                tuple(_number(kept, *point) for point in points),
                log=name != "depth",
            )
            for name, label, values, points in axes
        ),
        settings=tuple(kept),
    )


def _layers(base: Recipe, hidden: Sequence[int]) -> Recipe:
    """Give the base other layers, all with the activation of its first."""
    activation = base.activations[0] if base.activations else "relu"
    return base.changed(hidden=tuple(hidden), activation=activation, learning_rate_factors=None)


def _number(kept: list[Setting], recipe: Recipe, share: float) -> int:
    """Find the number of a setting, which is new if there is none like it."""
    for number, setting in enumerate(kept):
        if (setting.arm.recipe, setting.share) == (recipe, share):
            return number
    kept.append(Setting(Arm(_name(recipe, share), recipe, f"setting {len(kept)}"), share))
    return len(kept) - 1


def _name(recipe: Recipe, share: float) -> str:
    name = "-".join(map(str, recipe.hidden)) or "no hidden layer"
    penalty = f", λ = {numeral(recipe.l2)}" if recipe.l2 else ""
    return name + penalty + ("" if share == 1.0 else f", {share:.3g} of the rows")
