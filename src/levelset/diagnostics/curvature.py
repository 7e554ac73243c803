"""How sharply a network's objective bends around its parameters.

Two measures stand side by side. With J's second derivative H and a diagonal D,

    raw         D = 1    eigenvalues and trace of H
    normalized  D = |θ|  eigenvalues and trace of D H D

A ReLU unit whose incoming weights are doubled and whose outgoing ones are halved computes the same,
yet H is another: raw sharpness can be made anything (`rescaling_effect`; Dinh, Pascanu, Bengio and
Bengio, ICML 2017, section 4). D H D has the same eigenvalues after every such change, because a
diagonal A turns H into A⁻¹ H A⁻¹ and D into A D. It is the second order of ASAM's adaptive
sharpness (Kwon, Kim, Park and Choi, ICML 2021, section 3, with T = diag |θ|): at a minimum, changes
relative to the parameters of size ρ raise J by at most ρ² λ_max / 2 to second order. Of the two
normalizations that are invariant, that of Tsuzuku, Sato and Sugiyama (ICML 2020) needs the layers'
structure and an optimization over row and column scales; this one is a product with |θ| whatever
the layers are. It has no units, and sees nothing of a parameter that is 0.

The penalty λ Σ‖W‖² is not invariant, so only the loss of the data (`l2=0`) has an invariant
sharpness. Batch normalization is as in prediction: its statistics are constants.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Real

from levelset.diagnostics.network import batch_of, theory_of
from levelset.diagnostics.threads import one_blas_thread
from levelset.engine import Network
from levelset.errors import RecipeError
from levelset.seeds import stream
from levelset.theory import NetworkHessian, network_hessian

LARGEST_SPECTRUM = 2_000  # parameters; their matrix then has 32 MB

_CHUNK_BYTES = 2**23  # of what a product with several directions keeps

Vector = Float64[np.ndarray, " p"]


@dataclass(frozen=True, eq=False)
class Curvature:
    """D H D at a network's parameters, as a map of directions; made by `curvature_of`.

    Attributes:
        hessian: H of the objective on some rows.
        scale: The diagonal of D, (p,), in the order of `levelset.theory.Parameters.vector`.
    """

    hessian: NetworkHessian
    scale: Vector

    @property
    def size(self) -> int:
        """How many parameters p there are."""
        return self.scale.size

    def times(self, directions: Float64[np.ndarray, "*k p"]) -> Float64[np.ndarray, "*k p"]:
        """Multiply D H D with one or more directions, exactly.

        Args:
            directions: Shape (..., p).

        Returns:
            The products, shape (..., p).
        """
        parameters = self.hessian.parameters.with_vector(self.scale * directions)
        return self.scale * self.hessian.product(parameters).vector


@dataclass(frozen=True, eq=False)
class TopEigenvalues:
    """The largest eigenvalues of a curvature.

    Attributes:
        values: λ, the largest first, (k,); of J's units (nats) per squared unit of a parameter, or
            in nats where normalized.
        vectors: Their directions, unit length, (k, p).
        residuals: ‖D H D v − λ v‖ of each, (k,); an eigenvalue lies no farther than that from λ.
    """

    values: Float64[np.ndarray, " k"]
    vectors: Float64[np.ndarray, "k p"]
    residuals: Float64[np.ndarray, " k"]


@dataclass(frozen=True)
class TraceEstimate:
    """An estimate of the sum of all eigenvalues.

    Attributes:
        estimate: Mean of the draws.
        standard_error: Of the mean: their standard deviation over √draws.
        draws: How many.
    """

    estimate: float
    standard_error: float
    draws: int


@dataclass(frozen=True)
class Sharpness:
    """Raw and scale-invariant sharpness of the loss on some rows.

    Attributes:
        raw: Top eigenvalues of H.
        raw_trace: Trace of H.
        normalized: Top eigenvalues of |θ| H |θ|.
        normalized_trace: Trace of |θ| H |θ|.
    """

    raw: TopEigenvalues
    raw_trace: TraceEstimate
    normalized: TopEigenvalues
    normalized_trace: TraceEstimate


def curvature_of(
    network: Network,
    x: Real[np.ndarray, "n d"],
    y: object,
    *,
    l2: float | None = None,
    normalized: bool = False,
) -> Curvature:
    """Prepare the curvature of a network's objective on some rows.

    D H D,  H = ∂²J/∂θ²,  D = |θ| if normalized, else 1

    Args:
        network: At whose parameters.
        x: Features, shape (n, d).
        y: Targets as for a Fleet: one array, or a mapping from names to arrays.
        l2: λ of the penalty in J; None for the recipe's, 0 for the loss of the data alone.
        normalized: Whether directions are relative to the parameters.

    Returns:
        The curvature, ready to be multiplied.

    Raises:
        DataError: If an array cannot be used.
        RecipeError: If a head has no target.

    Example:
        >>> from levelset.engine import Fleet, Member, Recipe
        >>> x, y = np.eye(2), np.array([0, 1])
        >>> fleet = Fleet([Member(Recipe(hidden=(3,), epochs=1))], x, y)
        >>> fleet.run()
        >>> curvature = curvature_of(fleet.networks[0], x, y)
        >>> curvature.size, curvature.times(np.ones((5, 17))).shape
        (17, (5, 17))

    Source: Pearlmutter (1994); see `levelset.theory.network_hessian`.
    """
    architecture, parameters, running = theory_of(network)
    penalty = network.recipe.l2 if l2 is None else l2
    batch = batch_of(network, x, y)
    hessian = network_hessian(architecture, parameters, batch, penalty, running=running)
    vector = parameters.vector
    return Curvature(hessian, np.abs(vector) if normalized else np.ones_like(vector))


def top_eigenvalues(
    curvature: Curvature, count: int = 5, *, seed: int = 0, tolerance: float = 1e-6
) -> TopEigenvalues:
    """Find the largest eigenvalues of a curvature by Lanczos' method.

    Args:
        curvature: Of a network.
        count: How many, k.
        seed: Of the vector that the search starts from.
        tolerance: Relative error of the eigenvalues at which it ends.

    Returns:
        Values, vectors and how well they solve D H D v = λ v.

    Raises:
        RecipeError: If the network has no more than `count` parameters.

    Example:
        >>> from levelset.engine import Fleet, Member, Recipe
        >>> x, y = np.eye(2), np.array([0, 1])
        >>> fleet = Fleet([Member(Recipe(hidden=(3,), epochs=1))], x, y)
        >>> fleet.run()
        >>> top = top_eigenvalues(curvature_of(fleet.networks[0], x, y), count=2)
        >>> bool(top.values[0] >= top.values[1]), top.vectors.shape
        (True, (2, 17))

    Source: Lanczos (1950); `scipy.sparse.linalg.eigsh` (ARPACK, implicitly restarted).
    """
    if not 1 <= count < curvature.size:
        raise RecipeError(
            f"`count` must be in 1 .. {curvature.size - 1} for a network of {curvature.size} "
            f"parameters, got {count}; `full_spectrum` gives all eigenvalues."
        )
    from scipy.sparse.linalg import LinearOperator, eigsh  # 0.1 s that only this function needs

    shape = (curvature.size, curvature.size)
    operator = LinearOperator(shape, matvec=lambda v: curvature.times(v.ravel()), dtype=np.float64)  # pyright: ignore[reportCallIssue]
    start = stream(seed, "lanczos").normal(size=curvature.size)
    with one_blas_thread():
        values, columns = eigsh(operator, k=count, which="LA", v0=start, tol=tolerance)  # pyright: ignore[reportArgumentType]
        order = np.argsort(values)[::-1]
        values, vectors = values[order], np.ascontiguousarray(columns.T[order])
        misses = curvature.times(vectors) - values[:, np.newaxis] * vectors
    return TopEigenvalues(values, vectors, np.linalg.norm(misses, axis=1))


def estimate_trace(curvature: Curvature, draws: int = 100, *, seed: int = 0) -> TraceEstimate:
    """Estimate the trace of a curvature by Hutchinson's method.

    tr A = E[zᵀ A z],  z of independent signs ±1

    Args:
        curvature: Of a network.
        draws: How many z, at least 2.
        seed: Of the signs.

    Returns:
        The mean over draws, without bias, and its standard error. Signs have the smallest variance
        of all such draws: 2 Σ_{i≠j} A_ij².

    Raises:
        RecipeError: If there are fewer than 2 draws.

    Example:
        >>> from levelset.engine import Fleet, Member, Recipe
        >>> x, y = np.eye(2), np.array([0, 1])
        >>> fleet = Fleet([Member(Recipe(hidden=(3,), epochs=1))], x, y)
        >>> fleet.run()
        >>> estimate_trace(curvature_of(fleet.networks[0], x, y), draws=50).draws
        50

    Source: Hutchinson, "A stochastic estimator of the trace", Communications in Statistics 19
    (1990).
    """
    if draws < 2:
        raise RecipeError(f"`draws` must be >= 2 to have a standard error, got {draws}.")
    signs = stream(seed, "hutchinson").choice([-1.0, 1.0], size=(draws, curvature.size))
    with one_blas_thread():
        values = np.concatenate(
            [(z * curvature.times(z)).sum(axis=1) for z in _chunks(curvature, signs)]
        )
    return TraceEstimate(float(values.mean()), float(values.std(ddof=1) / np.sqrt(draws)), draws)


def full_spectrum(curvature: Curvature) -> Vector:
    """Compute every eigenvalue of a small network's curvature, exactly.

    Args:
        curvature: Of a network of fewer than 2,000 parameters.

    Returns:
        Eigenvalues, ascending, (p,).

    Raises:
        RecipeError: If the network has more parameters.

    Example:
        >>> from levelset.engine import Fleet, Member, Recipe
        >>> x, y = np.eye(2), np.array([0, 1])
        >>> fleet = Fleet([Member(Recipe(hidden=(3,), epochs=1))], x, y)
        >>> fleet.run()
        >>> full_spectrum(curvature_of(fleet.networks[0], x, y)).shape
        (17,)

    Source: p products with unit vectors, then LAPACK's symmetric eigenvalues.
    """
    if curvature.size >= LARGEST_SPECTRUM:
        raise RecipeError(
            f"The full spectrum needs fewer than {LARGEST_SPECTRUM} parameters, got "
            f"{curvature.size}; `top_eigenvalues` and `estimate_trace` have no such limit."
        )
    with one_blas_thread():
        rows = [curvature.times(unit) for unit in _chunks(curvature, np.eye(curvature.size))]
        matrix = np.concatenate(rows)
        return np.linalg.eigvalsh((matrix + matrix.T) / 2)


def sharpness(
    network: Network,
    x: Real[np.ndarray, "n d"],
    y: object,
    *,
    count: int = 5,
    draws: int = 100,
    seed: int = 0,
) -> Sharpness:
    """Measure raw and scale-invariant sharpness of the loss on some rows, without the penalty.

    Args:
        network: At whose parameters.
        x: Features, shape (n, d).
        y: Targets as for a Fleet.
        count: How many eigenvalues.
        draws: For the traces.
        seed: Of the draws.

    Returns:
        Eigenvalues and trace of H and of |θ| H |θ|.

    Raises:
        DataError: If an array cannot be used.
        RecipeError: If a head has no target, or `count` or `draws` do not fit.

    Example:
        >>> from levelset.engine import Fleet, Member, Recipe
        >>> x, y = np.eye(2), np.array([0, 1])
        >>> fleet = Fleet([Member(Recipe(hidden=(3,), epochs=1))], x, y)
        >>> fleet.run()
        >>> bool(sharpness(fleet.networks[0], x, y, count=2, draws=9).raw.values[0] > 0)
        True

    Source: the module's text.
    """
    kinds = [curvature_of(network, x, y, l2=0.0, normalized=one) for one in (False, True)]
    tops = [top_eigenvalues(one, count, seed=seed) for one in kinds]
    traces = [estimate_trace(one, draws, seed=seed) for one in kinds]
    return Sharpness(tops[0], traces[0], tops[1], traces[1])


def _chunks(
    curvature: Curvature, directions: Float64[np.ndarray, "k p"]
) -> list[Float64[np.ndarray, "_ p"]]:
    """Cut directions into parts whose products fit into memory."""
    passed = curvature.hessian.passed
    units = sum(z.size for z in passed.pre_activations)
    each = 8 * (6 * units + 4 * curvature.size)  # about what one direction keeps, in bytes
    parts = max(1, -(-len(directions) * each // _CHUNK_BYTES))
    return np.array_split(directions, min(parts, len(directions)))
