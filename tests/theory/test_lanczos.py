import numpy as np
import pytest

from levelset.errors import DataError
from levelset.seeds import stream
from levelset.theory import largest_ritz_value

SIZE = 12
MATRIX = stream(0, "lanczos").normal(size=(SIZE, SIZE))
MATRIX = MATRIX + MATRIX.T
START = stream(1, "lanczos").normal(size=SIZE)


def by_krylov_basis(matrix: np.ndarray, start: np.ndarray, steps: int) -> float:
    """The slow twin: the powers themselves, made orthonormal at the end."""
    vectors = [start]
    for _ in range(steps - 1):
        vectors.append(matrix @ vectors[-1])
    basis, _ = np.linalg.qr(np.stack(vectors, axis=1))
    return float(np.linalg.eigvalsh(basis.T @ matrix @ basis)[-1])


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_equals_the_projection_on_the_powers(steps) -> None:
    found = largest_ritz_value(lambda v: MATRIX @ v, START, steps)
    assert found == pytest.approx(by_krylov_basis(MATRIX, START, steps), rel=1e-8)


def test_rises_with_the_steps_to_the_largest_eigenvalue() -> None:
    found = [largest_ritz_value(lambda v: MATRIX @ v, START, k) for k in range(1, SIZE + 3)]
    assert (np.diff(found) >= -1e-10).all()
    assert found[-1] == pytest.approx(np.linalg.eigvalsh(MATRIX)[-1], rel=1e-10)


def test_takes_no_more_products_than_steps() -> None:
    taken = []

    def product(vector: np.ndarray) -> np.ndarray:
        taken.append(1)
        return MATRIX @ vector

    largest_ritz_value(product, START, 4)
    assert len(taken) == 4


def test_ends_where_the_basis_does() -> None:
    matrix = np.diag([3.0, 3.0, 1.0])
    assert largest_ritz_value(lambda v: matrix @ v, np.ones(3), 3) == pytest.approx(3.0)
    assert largest_ritz_value(lambda v: 0.0 * v, np.ones(3), 3) == 0.0
    assert largest_ritz_value(lambda v: -2.0 * v, np.ones(3), 3) == pytest.approx(-2.0)


@pytest.mark.parametrize(
    ("start", "steps"), [(np.ones(3), 0), (np.zeros(3), 2), (np.array([np.nan, 1.0]), 2)]
)
def test_refuses_no_steps_and_no_start(start, steps) -> None:
    with pytest.raises(DataError, match=f"at least 1 step and a finite start .* got {steps} and"):
        largest_ritz_value(lambda v: v, start, steps)
