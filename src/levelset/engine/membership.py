"""What a fleet asks of its members."""

from collections.abc import Sequence

import numpy as np

from levelset.engine.member import Member
from levelset.engine.plan import layer_widths
from levelset.errors import RecipeError


def check_members(members: Sequence[Member]) -> None:
    """Check that there are members, and nothing else.

    Raises:
        RecipeError: If there is none, or something else.
    """
    if not members:
        raise RecipeError("`members` must hold at least one Member, got none.")
    for number, member in enumerate(members):
        if not isinstance(member, Member):
            raise RecipeError(f"members[{number}] must be a Member, got {type(member).__name__}.")


def check_fit(members: Sequence[Member], rows: int, *, has_validation: bool) -> None:
    """Check that members can be trained on a table.

    Args:
        members: To be checked.
        rows: n of the table.
        has_validation: Whether there are validation rows.

    Raises:
        RecipeError: If one of them cannot.
    """
    for number, member in enumerate(members):
        if not has_validation:
            _check_needs_no_validation(member, number)
        if member.counts is not None and len(member.counts) != rows:
            raise RecipeError(
                f"members[{number}] must have `counts` of shape (n,) = ({rows},), got "
                f"{len(member.counts)} of them."
            )
        if member.rows is not None:
            seen = np.asarray(member.rows)
            if seen.min() < 0 or seen.max() >= rows:
                raise RecipeError(
                    f"members[{number}] must have `rows` in 0 .. {rows - 1}, got values from "
                    f"{seen.min()} to {seen.max()}."
                )


def _check_needs_no_validation(member: Member, number: int) -> None:
    recipe = member.recipe
    if recipe.patience is not None:
        raise RecipeError(
            f"members[{number}] has `patience={recipe.patience}`, which needs validation rows; "
            "pass `validation=(X, y)` or `patience=None`."
        )
    if recipe.monitor != "loss":
        raise RecipeError(
            f'members[{number}] has `monitor="{recipe.monitor}"`, which needs validation rows; '
            'pass `validation=(X, y)` or `monitor="loss"`.'
        )


def check_initial(member: Member, number: int, features: int, outputs: int) -> None:
    """Check that a member has the layers of the network it starts from, if it starts from one.

    Args:
        member: To be checked.
        number: Its number in the fleet.
        features: d of the table.
        outputs: Columns of its last layer.

    Raises:
        RecipeError: If it has not.
    """
    if member.initial is None:
        return
    wanted = layer_widths(member.recipe, features, outputs)
    given = (member.initial.features, *(weight.shape[1] for weight in member.initial.weights))
    if given != wanted:
        raise RecipeError(
            f"members[{number}] must start from a network with layers of {wanted} units, the "
            f"inputs' first, got {given}."
        )
    own, other = member.recipe.normalization, member.initial.recipe.normalization
    if other != own:
        raise RecipeError(
            f'members[{number}] must start from a network with `normalization="{own}"`, got '
            f'"{other}".'
        )
