"""Philox4x32-10 and what the core makes of its words: one block, one number at a time.

Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), section 3.3.
"""

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from scipy.special import expit

INITIAL_WEIGHTS, BATCH_ORDER, DROPOUT, INPUT_DROPOUT, INPUT_NOISE, WEIGHT_NOISE, MIXING = range(
    1, 8
)
GROUP = 64  # words that are written together: word w of block j of 16 stands at 16 w + j


def philox(counter: tuple[int, ...], key: tuple[int, ...]) -> tuple[int, ...]:
    """Ten rounds: (high(M₁c₂) ⊕ c₁ ⊕ k₀, low(M₁c₂), high(M₀c₀) ⊕ c₃ ⊕ k₁, low(M₀c₀))."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        first, second = c0 * 0xD2511F53, c2 * 0xCD9E8D57
        c0, c1, c2, c3 = (
            (second >> 32) ^ c1 ^ k0,
            second & 0xFFFFFFFF,
            (first >> 32) ^ c3 ^ k1,
            first & 0xFFFFFFFF,
        )
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


@lru_cache(maxsize=100_000)
def words(seed: int, purpose: int, layer: int, epoch: int, step: int, count: int) -> list[int]:
    """The first `count` words of a stream; kept, since every instruction set asks for the same."""
    groups = []
    for first in range(0, math.ceil(count / GROUP) * 16, 16):
        blocks = [
            philox((first + j, step, epoch, purpose << 24 | layer), (seed & 0xFFFFFFFF, seed >> 32))
            for j in range(16)
        ]
        groups += [block[w] for w in range(4) for block in blocks]
    return groups[:count]


def batch_order(seed: int, epoch: int, rows: int) -> list[int]:
    """The epoch's permutation of a member's rows."""
    return permutation(words(seed, BATCH_ORDER, 0, epoch, 0, rows))


def permutation(drawn: list[int]) -> list[int]:
    """One of as many numbers as there are words: Knuth, TAOCP volume 2, algorithm 3.4.2P."""
    order = list(range(len(drawn)))
    for i in range(len(drawn) - 1, 0, -1):
        j = drawn[i] * (i + 1) >> 32
        order[i], order[j] = order[j], order[i]
    return order


def mixing_partners(seed: int, epoch: int, step: int, rows: int) -> list[int]:
    """π of a mini-batch: the row that each of its rows is mixed with."""
    return permutation(words(seed, MIXING, 1, epoch, step, rows))


def mixing_share(seed: int, epoch: int, step: int, alpha: float) -> float:
    """λ of a mini-batch, of Beta(α, α): g₁ / (g₁ + g₂), both of Gamma(α, 1)."""
    drawn = one_by_one((seed, MIXING, 0, epoch, step))
    first, second = log_gamma(drawn, alpha), log_gamma(drawn, alpha)
    return float(expit(first - second))


def one_by_one(stream: tuple[int, ...]) -> Iterator[int]:
    """The words of a stream, without end."""
    count = 0
    while True:
        yield from words(*stream, count + GROUP)[count:]
        count += GROUP


def log_gamma(drawn: Iterator[int], alpha: float) -> float:
    """ln g, g ~ Gamma(α): Marsaglia and Tsang, ACM TOMS 26 (2000); section 6 for α < 1."""
    d = (alpha + 1 if alpha < 1 else alpha) - 1 / 3
    while True:
        u, v = next(drawn), next(drawn)
        x = math.sqrt(-2 * math.log((u + 1) / 2**32)) * math.cos(2 * math.pi * v / 2**32)
        root = 1 + x / math.sqrt(9 * d)
        if root <= 0:
            continue
        cube = root**3
        if math.log((next(drawn) + 1) / 2**32) < x * x / 2 + d - d * cube + d * math.log(cube):
            break
    log_g = math.log(d) + math.log(cube)
    return log_g + math.log((next(drawn) + 1) / 2**32) / alpha if alpha < 1 else log_g


def row_length(units: int, item_bytes: int) -> int:
    """Numbers in a padded row: whole lines of 64 bytes, and an odd number of them beyond four."""
    lines = math.ceil(units * item_bytes / 64)
    return (lines + (lines > 4 and lines % 2 == 0)) * 64 // item_bytes


def dropout_mask(
    stream: tuple[int, ...], shape: tuple[int, int], share: float, item_bytes: int
) -> np.ndarray:
    """0 where a unit is dropped, else 1 / (1 − p); half a word decides, the low halves first.

    `stream` is (seed, purpose, layer, epoch, step).
    """
    rows, units = shape
    length = row_length(units, item_bytes)
    drawn = words(*stream, math.ceil(rows * length / 128) * GROUP)
    threshold = int(share * 65536 + 0.5)
    mask = np.zeros(shape)
    for row in range(rows):
        for unit in range(units):
            group, place = divmod(row * length + unit, 2 * GROUP)
            half, j = divmod(place, GROUP)
            if drawn[group * GROUP + j] >> 16 * half & 0xFFFF >= threshold:
                mask[row, unit] = 65536 / (65536 - threshold)
    return mask


def noise(stream: tuple[int, ...], shape: tuple[int, int], item_bytes: int) -> np.ndarray:
    """N(0, 1) for a matrix by rows, padding included: two words make the noise of two numbers."""
    rows, units = shape
    length = row_length(units, item_bytes)
    drawn = words(*stream, math.ceil(rows * length / GROUP) * GROUP)
    numbers: list[float] = []
    for first in range(0, len(drawn), GROUP):
        numbers += box_muller(drawn[first : first + GROUP], bits_of_angle=24)
    return np.array(numbers[: rows * length]).reshape(rows, length)[:, :units]


def weight_noise(stream: tuple[int, ...], shape: tuple[int, int], item_bytes: int) -> np.ndarray:
    """N(0, 1) for W (i, o), which above the first layer is stored as (o, i) if that is smaller."""
    inputs, outputs = shape
    by_input, by_output = (
        rows * math.ceil(units * item_bytes / 64)
        for rows, units in ((inputs, outputs), (outputs, inputs))
    )
    if stream[2] > 0 and by_output < by_input:
        return noise(stream, (outputs, inputs), item_bytes).T
    return noise(stream, shape, item_bytes)


def box_muller(group: list[int], bits_of_angle: int) -> list[float]:
    """Box and Muller (1958): words k and k + 32 of a group give numbers k and k + 32."""
    pairs = list(zip(group[: GROUP // 2], group[GROUP // 2 :], strict=True))
    return [
        math.sqrt(-2 * math.log((u + 1) / 2**32))
        * wave(2 * math.pi * (v >> 32 - bits_of_angle) / 2**bits_of_angle)
        for wave in (math.cos, math.sin)
        for u, v in pairs
    ]


def initial_weights(
    seed: int, layer: int, shape: tuple[int, int], scale: float, uniform: bool
) -> np.ndarray:
    """Weights of one layer: U[−s, s], or N(0, s²) by Box and Muller (1958)."""
    count = shape[0] * shape[1]
    drawn = words(seed, INITIAL_WEIGHTS, layer, 0, 0, math.ceil(count / GROUP) * GROUP)
    numbers: list[float] = []
    for first in range(0, len(drawn), GROUP):
        group = drawn[first : first + GROUP]
        if uniform:
            numbers += [2 * (word + 0.5) / 2**32 - 1 for word in group]
        else:
            numbers += box_muller(group, bits_of_angle=32)
    return scale * np.array(numbers[:count]).reshape(shape)
