"""The standard deviation of initial weights, one formula at a time."""

import math

STANDARD_DEVIATIONS = {
    "glorot": lambda inputs, outputs: math.sqrt(2.0 / (inputs + outputs)),
    "he": lambda inputs, _: math.sqrt(2.0 / inputs),
    "lecun": lambda inputs, _: math.sqrt(1.0 / inputs),
    "orthogonal": lambda inputs, outputs: math.sqrt(1.0 / max(inputs, outputs)),
    "normal": lambda _inputs, _outputs: 1.0,
}
"""Glorot and Bengio (2010) eq. 12; He et al. (2015) eq. 10; LeCun et al. (1998) eq. 16.

A column of an orthogonal matrix has length 1, so its squares are 1 / length on average."""


def orthogonal(draws: list[list[float]]) -> list[list[float]]:
    """Gram and Schmidt: each column less its projections on those before it, at length 1.

    Of a matrix with more columns than rows, the same is done to the rows.
    """
    wide = len(draws) < len(draws[0])
    vectors = draws if wide else [list(column) for column in zip(*draws, strict=True)]
    basis: list[list[float]] = []
    for vector in vectors:
        rest = list(vector)
        for known in basis:
            along = 0.0
            for a, b in zip(rest, known, strict=True):
                along += a * b
            rest = [a - along * b for a, b in zip(rest, known, strict=True)]
        length = math.sqrt(sum(a * a for a in rest))
        basis.append([a / length for a in rest])
    return basis if wide else [list(row) for row in zip(*basis, strict=True)]
