"""Learning-rate schedules: the factor of a step, in [0, 1], times the base rate.

    name       s(u), u = 0 … U − 1                                    source
    constant   1
    step       γ^⌊u / (k · steps per epoch)⌋                          He et al., CVPR 2016, 4.2
    cosine     ½ (1 + cos(π u / U))                                   Loshchilov and Hutter (2017)
    one_cycle  a cosine rise from 1/25 to 1, a cosine fall to 4e-6    Smith and Topin (2018)

t counts optimizer steps from 0, and t is the step about to be taken; T is how many there will be.
In front of every schedule stand w warm-up steps, on a line from zero that meets the schedule's own
first value:

    factor(t) = (t + 1) / (w + 1) · s(0)   t < w
    factor(t) = s(t − w)                   t ≥ w,  with U = T − w

No step has a factor of exactly 0, which would waste it. Warm-up: Goyal et al., "Accurate, large
minibatch SGD" (2017), section 2.2.
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from levelset.errors import RecipeError


def constant_schedule(
    step: int, total_steps: int, steps_per_epoch: int, warmup_steps: int = 0
) -> float:
    """Keep the base rate: s(u) = 1.

    Args:
        step: t, from 0 to total_steps − 1.
        total_steps: T ≥ 1.
        steps_per_epoch: Batches of an epoch; not used.
        warmup_steps: w, from 0 to T − 1.

    Returns:
        The factor on the base rate.

    Raises:
        RecipeError: A step or a warm-up outside the training.

    Example:
        >>> [constant_schedule(t, 5, 5, warmup_steps=3) for t in range(5)]
        [0.25, 0.5, 0.75, 1.0, 1.0]

    Source: the module's text, for the warm-up.
    """
    del steps_per_epoch  # every schedule takes the same first four arguments
    ramp, _, _ = _past_warmup(step, total_steps, warmup_steps)
    return ramp


def step_schedule(
    step: int,
    total_steps: int,
    steps_per_epoch: int,
    warmup_steps: int = 0,
    drop_factor: float = 0.1,
    drop_epochs: int = 30,
) -> float:
    """Multiply the rate by γ every k epochs: s(u) = γ^⌊u / (k · steps per epoch)⌋.

    Args:
        step: t, from 0 to total_steps − 1.
        total_steps: T ≥ 1.
        steps_per_epoch: Batches of an epoch.
        warmup_steps: w, from 0 to T − 1. Epochs are counted from the end of the warm-up.
        drop_factor: γ in (0, 1].
        drop_epochs: k ≥ 1.

    Returns:
        The factor on the base rate.

    Raises:
        RecipeError: A step or a warm-up outside the training.

    Example:
        >>> [step_schedule(t, 6, 1, drop_factor=0.5, drop_epochs=2) for t in range(6)]
        [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]

    Source: He, Zhang, Ren and Sun, CVPR 2016, section 4.2; `torch.optim.lr_scheduler.StepLR`.
    """
    ramp, u, _ = _past_warmup(step, total_steps, warmup_steps)
    return ramp * drop_factor ** (u // (drop_epochs * steps_per_epoch))


def cosine_schedule(
    step: int, total_steps: int, steps_per_epoch: int, warmup_steps: int = 0
) -> float:
    """Lower the rate along half a cosine, to zero just after the last step.

    s(u) = ½ (1 + cos(π u / U))

    Args:
        step: t, from 0 to total_steps − 1.
        total_steps: T ≥ 1.
        steps_per_epoch: Batches of an epoch; not used: the rate falls at every step.
        warmup_steps: w, from 0 to T − 1.

    Returns:
        The factor on the base rate.

    Raises:
        RecipeError: A step or a warm-up outside the training.

    Example:
        >>> [round(cosine_schedule(t, 4, 1), 3) for t in range(4)]
        [1.0, 0.854, 0.5, 0.146]

    Source: Loshchilov and Hutter, "SGDR", ICLR 2017, equation 5, without restarts and to η_min = 0.
    """
    del steps_per_epoch
    ramp, u, length = _past_warmup(step, total_steps, warmup_steps)
    return ramp * 0.5 * (1.0 + math.cos(math.pi * u / length))


def one_cycle_schedule(
    step: int,
    total_steps: int,
    steps_per_epoch: int,
    warmup_steps: int = 0,
    rise_share: float = 0.3,
    start_divisor: float = 25.0,
    end_divisor: float = 1e4,
) -> float:
    """Raise the rate to the base rate and lower it far below where it began.

    c(a, b, p) = b + ½ (a − b)(1 + cos(π p)),  r = q U − 1
    s(u) = c(1/D, 1, u / r)                        u ≤ r
    s(u) = c(1, 1/(D E), (u − r) / (U − 1 − r))    u > r

    Args:
        step: t, from 0 to total_steps − 1.
        total_steps: T ≥ 1.
        steps_per_epoch: Batches of an epoch; not used: the rate changes at every step.
        warmup_steps: w, from 0 to T − 1; they precede the cycle's own rise.
        rise_share: q in [0, 1), the share of the steps in which the rate rises.
        start_divisor: D ≥ 1; the first factor is 1/D.
        end_divisor: E ≥ 1; the last factor is 1/(D E).

    Returns:
        The factor on the base rate, which is the largest of the cycle.

    Raises:
        RecipeError: A step or a warm-up outside the training.

    Example:
        >>> [round(one_cycle_schedule(t, 11, 1, rise_share=3 / 11), 3) for t in (0, 1, 2, 6, 10)]
        [0.04, 0.52, 1.0, 0.5, 0.0]

    Source: Smith and Topin, "Super-convergence" (2018), in the cosine form of
    `torch.optim.lr_scheduler.OneCycleLR` with two phases. Momentum is left as it is.
    """
    del steps_per_epoch
    ramp, u, length = _past_warmup(step, total_steps, warmup_steps)
    start, end = 1.0 / start_divisor, 1.0 / (start_divisor * end_divisor)
    top = rise_share * length - 1.0  # below 0 in a cycle too short to rise
    if top > 0.0 and u <= top:
        return ramp * _cosine_between(start, 1.0, u / top)
    return ramp * _cosine_between(1.0, end, (u - top) / (length - 1 - top))


SCHEDULES: Mapping[str, Callable[..., float]] = MappingProxyType(
    {
        "constant": constant_schedule,
        "step": step_schedule,
        "cosine": cosine_schedule,
        "one_cycle": one_cycle_schedule,
    }
)
"""Name -> (step, total_steps, steps_per_epoch, warmup_steps, its own parameters) -> factor."""


def _past_warmup(step: int, total_steps: int, warmup_steps: int) -> tuple[float, int, int]:
    """The factor of the warm-up, and u and U of the schedule behind it."""
    if not 0 <= warmup_steps < total_steps:
        raise RecipeError(
            f"The warm-up must be shorter than the training = {total_steps} steps, got "
            f"{warmup_steps} steps; train for more epochs, or warm up for fewer."
        )
    if not 0 <= step < total_steps:
        raise RecipeError(
            f"`step` must lie from 0 to total_steps - 1 = {total_steps - 1}, got {step}; a "
            f"schedule ends with the training it was made for."
        )
    ramp = min(1.0, (step + 1) / (warmup_steps + 1))
    return ramp, max(0, step - warmup_steps), total_steps - warmup_steps


def _cosine_between(start: float, end: float, share: float) -> float:
    return end + 0.5 * (start - end) * (1.0 + math.cos(math.pi * share))
