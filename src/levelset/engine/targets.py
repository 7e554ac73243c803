"""Targets: what the heads of a fleet's members learn from, as the arrays that the core takes.

A target of softmax heads is class numbers, (n,) int32 with -1 where one is missing; one of sigmoid
or squared_error heads is numbers, (n, k) with NaN. A target that has heads of both kinds is both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from levelset.engine.checks import MOST_CLASSES, check_labels, check_labels_or_nan, check_numbers
from levelset.engine.heads import ONLY_TARGET, Head, as_heads
from levelset.engine.recipe import Recipe
from levelset.errors import DataError, RecipeError


@dataclass(frozen=True, eq=False)
class GivenTargets:
    """Targets as they were given, one array or a mapping, not yet checked.

    Attributes:
        arrays: By name.
        rows: n, how many rows each must have.
        title: What messages call them.
        alone: Whether they were one array.
    """

    arrays: Mapping[str, object]
    rows: int
    title: str
    alone: bool

    def name(self, target: str) -> str:
        """Give what messages call one of them."""
        return self.title if self.alone else f'{self.title}["{target}"]'

    def require(self, head: Head, asker: str) -> None:
        """Check that there is a target for a head.

        Raises:
            RecipeError: If there is none, saying who asks for it.
        """
        if head.target in self.arrays:
            return
        held = "one array" if self.alone else ", ".join(f'"{name}"' for name in self.arrays)
        hint = f'pass `{{"{head.target}": ...}}`, or give the recipe a Head for a target it holds'
        raise RecipeError(
            f'{asker} has a head for the target "{head.target}", which `{self.title}` must hold, '
            f"got {held}; {hint}."
        )

    def array(self, head: Head, columns: int | None, dtype: np.dtype) -> np.ndarray:
        """Give the target of a head as the core takes it; always a copy.

        Args:
            head: Whose target.
            columns: How many the head has; None for any.
            dtype: Of numbers.

        Raises:
            DataError: If the array is not what the head's loss needs.
        """
        given, name, missing = self.arrays[head.target], self.name(head.target), not self.alone
        if head.loss == "softmax":
            check = check_labels_or_nan if missing else check_labels
            return check(given, self.rows, columns, name)
        binary = head.loss == "sigmoid"
        return check_numbers(
            given, self.rows, columns, dtype, name, zero_or_one=binary, missing=missing
        )


def given_targets(y: object, rows: int, title: str = "y") -> GivenTargets:
    """Give targets their names: those of a mapping, or the one that an array goes by.

    Raises:
        DataError: If the mapping is empty or a name is no text.
    """
    if not isinstance(y, Mapping):
        return GivenTargets({ONLY_TARGET: y}, rows, title, alone=True)
    odd = [name for name in y if not isinstance(name, str)]
    if odd or not y:
        raise DataError(
            f"`{title}` must map names of targets, which are text, to arrays, got "
            f"{f'the name {odd[0]!r}' if odd else 'no target'}."
        )
    return GivenTargets(y, rows, title, alone=False)


@dataclass(frozen=True, eq=False)
class Target:
    """A target in one of its two forms.

    Attributes:
        name: As heads name it.
        columns: How many columns of the last layer a head of it has: c, or k.
        training: The core's array.
        validation: The same of the validation rows; of no row without them.
    """

    name: str
    columns: int
    training: np.ndarray
    validation: np.ndarray

    @property
    def answer(self) -> str:
        """What its heads answer, in words."""
        kind = "classes" if self.training.ndim == 1 else "columns" if self.columns > 1 else "column"
        many = f"{self.columns} {kind}"
        return many if self.name == ONLY_TARGET else f"{self.name}: {many}"

    def balanced_weights(self, rows: np.ndarray | None) -> np.ndarray:
        """Give n / (c n_c) of the given rows that have a class, (c,); 0 for a class without any."""
        seen = self.training if rows is None else self.training[rows]
        seen = seen[seen >= 0]
        counts = np.bincount(seen, minlength=self.columns)
        return np.where(counts > 0, len(seen) / (self.columns * np.maximum(counts, 1)), 0.0)


@dataclass(frozen=True, eq=False)
class Targets:
    """The targets that a fleet's members ask for.

    Attributes:
        by_form: In the core's order, by name and whether they are class numbers.
    """

    by_form: Mapping[tuple[str, bool], Target]

    def of(self, recipe: Recipe) -> tuple[Target, ...]:
        """Give the targets of a recipe's heads."""
        return tuple(self.by_form[_form(head)] for head in as_heads(recipe.heads))

    def numbers(self, recipe: Recipe) -> tuple[int, ...]:
        """Give the places of a recipe's targets in the core's order."""
        order = list(self.by_form)
        return tuple(order.index(_form(head)) for head in as_heads(recipe.heads))


def find_targets(
    recipes: Sequence[Recipe],
    given: GivenTargets,
    validation: GivenTargets | None,
    classes: int | Mapping[str, int] | None,
    dtype: np.dtype,
) -> Targets:
    """Find what each member's heads learn from, and check it.

    Args:
        recipes: The members'.
        given: The targets of the training rows.
        validation: Those of the validation rows, or None.
        classes: c of each target, or of the only one; None counts them.
        dtype: Of numbers.

    Raises:
        RecipeError: If a head names no target, or `classes` or `validation` do not fit them.
        DataError: If an array is not what the loss of a head needs.
    """
    counts = _classes_by_name(classes, given)
    _check_validation(given, validation)
    first: dict[Recipe, int] = {}
    for number, recipe in enumerate(recipes):
        first.setdefault(recipe, number)
    asked: dict[tuple[str, bool], Head] = {}
    for recipe, number in first.items():
        for head in as_heads(recipe.heads):
            given.require(head, f"members[{number}]")
            if head.loss == "sigmoid" or _form(head) not in asked:
                asked[_form(head)] = head  # of two heads of numbers the one that asks for more
    return Targets(
        {
            form: _classes(head, given, validation, counts.get(head.target))
            if head.loss == "softmax"
            else _numbers(head, given, validation, dtype)
            for form, head in asked.items()
        }
    )


def _form(head: Head) -> tuple[str, bool]:
    return head.target, head.loss == "softmax"


def _classes(
    head: Head, given: GivenTargets, validation: GivenTargets | None, classes: int | None
) -> Target:
    held_out = np.empty(0, np.int32)
    training = given.array(head, classes, held_out.dtype)
    if validation is not None:
        held_out = validation.array(head, classes, held_out.dtype)
    count = classes or 1 + int(max(training.max(), held_out.max(initial=0)))
    if count < 2:
        raise RecipeError(
            f"`{given.name(head.target)}` must hold at least two classes, got only class 0."
        )
    return Target(head.target, count, training, held_out)


def _numbers(
    head: Head, given: GivenTargets, validation: GivenTargets | None, dtype: np.dtype
) -> Target:
    training = given.array(head, None, dtype)
    columns = training.shape[1]
    if validation is None:
        return Target(head.target, columns, training, np.empty((0, columns), dtype))
    return Target(head.target, columns, training, validation.array(head, columns, dtype))


def _check_validation(given: GivenTargets, validation: GivenTargets | None) -> None:
    if validation is None:
        return
    if validation.alone != given.alone:
        one, other = ("one array", "a mapping") if given.alone else ("a mapping", "one array")
        raise DataError(f"`{validation.title}` must be {one}, as `y` is, got {other}.")
    lacking = [name for name in given.arrays if name not in validation.arrays]
    if lacking:
        raise DataError(
            f"`{validation.title}` must hold every target that `y` holds, got no "
            f"{', '.join(lacking)}."
        )


def _classes_by_name(
    classes: int | Mapping[str, int] | None, given: GivenTargets
) -> Mapping[str, int]:
    if classes is None:
        return {}
    if isinstance(classes, Mapping):
        return _checked_mapping(classes, given)
    if not _is_count(classes):
        raise RecipeError(
            f"`classes` must be an integer in 2 .. {MOST_CLASSES} or None, got {classes!r}."
        )
    if len(given.arrays) > 1:
        raise RecipeError(
            "`classes` must be a mapping from targets to numbers of classes where `y` holds "
            f"several, got {classes}."
        )
    return dict.fromkeys(given.arrays, classes)


def _checked_mapping(classes: Mapping[str, int], given: GivenTargets) -> Mapping[str, int]:
    for name, count in classes.items():
        if name not in given.arrays:
            held = ", ".join(f'"{target}"' for target in given.arrays)
            raise RecipeError(f"`classes` must be of targets that `y` holds, {held}, got {name!r}.")
        if not _is_count(count):
            raise RecipeError(
                f'`classes["{name}"]` must be an integer in 2 .. {MOST_CLASSES}, got {count!r}.'
            )
    return classes


def _is_count(classes: object) -> bool:
    return isinstance(classes, int) and 2 <= classes <= MOST_CLASSES
