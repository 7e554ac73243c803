"""Head: one question that a network answers, and the loss that teaches it."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from levelset.engine.validated import Validated

HeadName = Literal["softmax", "sigmoid", "squared_error"]

ONLY_TARGET = "y"  # what the target is called that is given as one array


class Head(Validated):
    """One of the questions of a network that answers several (multitask learning).

    The network minimizes the sum of its heads' mean losses, each times its weight:

        loss             question                  target of a row              answer
        "softmax"        which class?              a class number               c probabilities
        "sigmoid"        yes or no, k times?       k times 0 or 1               k probabilities
        "squared_error"  how much, k times?        k real numbers               k numbers

    Args:
        target: Name of the target, a key of the mapping `y` that a Fleet is given.
        loss: ℓ, as in `levelset.theory`: softmax_cross_entropy, sigmoid_cross_entropy or
            squared_error, the last two summed over columns.
        weight: α > 0.

    Raises:
        RecipeError: Names every field that is wrong, what it must be and what was given.

    Example:
        >>> Head(target="species").loss
        'softmax'
        >>> Head(target="mass", loss="squared_error", weight=0)
        Traceback (most recent call last):
        levelset.errors.RecipeError: `weight` must be greater than 0, got 0.
    """

    target: Annotated[str, Field(min_length=1)]
    loss: HeadName = "softmax"
    weight: Annotated[float, Field(gt=0)] = 1.0

    @property
    def classifies(self) -> bool:
        """Whether its answers are right or wrong."""
        return self.loss != "squared_error"


def as_heads(heads: HeadName | tuple[Head, ...]) -> tuple[Head, ...]:
    """Give a recipe's heads, a name being one head of the only target.

    Example:
        >>> as_heads("sigmoid")
        (Head(target='y', loss='sigmoid', weight=1.0),)
    """
    return heads if isinstance(heads, tuple) else (_ALONE[heads],)


_ALONE = {loss: Head(target=ONLY_TARGET, loss=loss) for loss in get_args(HeadName)}
