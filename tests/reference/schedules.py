"""Learning-rate factors of a whole training, one step after another."""

import math


def constant(steps: int) -> list[float]:
    return [1.0 for _ in range(steps)]


def step(steps: int, steps_per_epoch: int, drop: float, drop_epochs: int) -> list[float]:
    factors, factor = [], 1.0
    for u in range(steps):
        if u > 0 and u % (drop_epochs * steps_per_epoch) == 0:
            factor *= drop
        factors.append(factor)
    return factors


def cosine(steps: int) -> list[float]:
    """½ (1 + cos x) = cos²(x/2)."""
    return [math.cos(math.pi * u / (2.0 * steps)) ** 2 for u in range(steps)]


def one_cycle(steps: int, rise_share: float, start: float, end: float) -> list[float]:
    factors, top = [], rise_share * steps - 1.0
    for u in range(steps):
        if u <= top:
            way = math.sin(math.pi * u / top / 2.0) ** 2
            factors.append(start + way * (1.0 - start))
        else:
            way = math.sin(math.pi * (u - top) / (steps - 1.0 - top) / 2.0) ** 2
            factors.append(1.0 + way * (end - 1.0))
    return factors


def warmed_up(factors: list[float], warmup_steps: int) -> list[float]:
    """The line from 0 at step −1 to the first factor, then the factors."""
    front = []
    for t in range(warmup_steps):
        front.append((t + 1) * factors[0] / (warmup_steps + 1))
    return [*front, *factors]
