"""Lanczos' method with a fixed number of products: the ends of a spectrum at a known cost."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float64

from levelset.errors import DataError

Vector = Float64[np.ndarray, " p"]

_NOTHING = 1e-12  # what is left of a vector, beside the matrix, when the basis has ended


def largest_ritz_value(product: Callable[[Vector], Vector], start: Vector, steps: int) -> float:
    """Estimate the largest eigenvalue of a symmetric matrix by so many products with it.

    The largest eigenvalue of T = QᵀAQ, Q an orthonormal basis of span{v, Av, …, Aᵏ⁻¹v}

    Args:
        product: v -> A v, A symmetric, (p,) -> (p,).
        start: v, not zero, shape (p,).
        steps: k ≥ 1, products taken; fewer where the basis ends, and the value is then exact for
            what v has a part in.

    Returns:
        The value; no larger than the largest eigenvalue, and no smaller with more steps.

    Raises:
        DataError: If there is no step, or the start is zero or not finite.

    Example:
        >>> matrix = np.diag([1.0, 2.0, 5.0])
        >>> round(largest_ritz_value(lambda v: matrix @ v, np.ones(3), steps=3), 12)
        5.0

    Source: Golub and Van Loan, "Matrix Computations" (4th edition, 2013), algorithm 10.1.1, with
    complete reorthogonalization (section 10.3.4).
    """
    length = float(np.linalg.norm(start))
    if steps < 1 or not 0.0 < length < np.inf:
        raise DataError(
            "Lanczos' method needs at least 1 step and a finite start that is not zero, got "
            f"{steps} and a start of length {length:g}."
        )
    basis, diagonal, beside = [start / length], [], []
    for _ in range(min(steps, start.size)):
        image = product(basis[-1])
        diagonal.append(float(basis[-1] @ image))
        known = np.stack(basis)
        for _ in range(2):  # once leaves what rounding made of it
            image = image - known.T @ (known @ image)
        left = float(np.linalg.norm(image))
        if left <= _NOTHING * max(abs(value) for value in diagonal):
            break
        beside.append(left)
        basis.append(image / left)
    below = np.diag(beside[: len(diagonal) - 1], -1)
    return float(np.linalg.eigvalsh(np.diag(diagonal) + below + below.T)[-1])
