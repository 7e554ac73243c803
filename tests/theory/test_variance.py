import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from levelset.errors import DataError
from levelset.seeds import stream
from levelset.theory import (
    DECOMPOSITIONS,
    DecompositionMethod,
    VarianceParts,
    cross_entropy_parts,
    normalized_logs,
    softmax,
    squared_error_parts,
)
from tests.reference import decomposition as reference

repeatable = settings(derandomize=True, deadline=None, max_examples=100)
every_split = pytest.mark.parametrize(
    "method",
    [method for method in DECOMPOSITIONS.values() if method.split],
    ids=lambda method: method.name,
)

A, B, N = 4, 3, 6
Q = stream(0, "variance", "q").dirichlet(np.ones(3), size=(A, B, N))
LABELS = stream(0, "variance", "labels").integers(3, size=N)


def split(method: DecompositionMethod, cells: np.ndarray) -> VarianceParts:
    assert method.split is not None
    return method.split(cells)


def flat(cells: np.ndarray) -> np.ndarray:
    return cells.reshape(-1, *cells.shape[2:])


@every_split
class TestEverySplit:
    def test_equals_its_slow_twin(self, method: DecompositionMethod) -> None:
        parts = split(method, Q)
        for i in range(N):
            expected = reference.PARTS[method.name](Q[:, :, i].tolist())
            given = {name: getattr(parts, name)[i] for name in expected}
            assert given == pytest.approx(expected, rel=1e-11, abs=1e-14)
        assert (parts.resamples, parts.seeds, parts.estimator) == (A, B, "plain")

    @repeatable
    @given(arrays(np.float64, (3, 2, 4, 3), elements=st.floats(-60.0, 60.0)))
    def test_sums_to_the_variance_of_all_networks(
        self, method: DecompositionMethod, logits: np.ndarray
    ) -> None:
        cells = softmax(logits)
        whole = method.decompose(flat(cells), np.zeros(4, np.int64))
        parts = split(method, cells)
        np.testing.assert_allclose(parts.total, whole.variance, rtol=0.0, atol=1e-10)
        assert (parts.data >= -1e-12).all()
        assert (parts.given_data >= -1e-12).all()

    def test_of_seeds_without_effect_is_data_alone(self, method: DecompositionMethod) -> None:
        cells = np.repeat(Q[:, :1], B, axis=1)
        parts = split(method, cells)
        np.testing.assert_allclose(parts.given_data, 0.0, atol=1e-14)
        whole = method.decompose(cells[:, 0], LABELS)
        np.testing.assert_allclose(parts.data, whole.variance, atol=1e-14)

    def test_exchanging_the_axes_exchanges_the_parts(self, method: DecompositionMethod) -> None:
        parts, exchanged = split(method, Q), split(method, Q.swapaxes(0, 1))
        np.testing.assert_allclose(parts.data, exchanged.seed, atol=1e-14)
        np.testing.assert_allclose(parts.interaction, exchanged.interaction, atol=1e-14)

    @pytest.mark.parametrize("cells", [Q[:1], Q[:, :1]])
    def test_refuses_one_of_either(self, method: DecompositionMethod, cells: np.ndarray) -> None:
        with pytest.raises(DataError, match=r"2 data resamples and 2 seeds, got . and .; train"):
            split(method, cells)


@pytest.mark.parametrize("name", ["brier", "zero_one_kohavi_wolpert"])
class TestCorrected:
    def test_equals_its_slow_twin(self, name: str) -> None:
        plain = split(DECOMPOSITIONS[name], Q)
        corrected = plain.corrected()
        for i in range(N):
            parts = {part: getattr(plain, part)[i] for part in ("data", "seed", "interaction")}
            expected = reference.corrected_parts(parts, A, B)
            given = {part: getattr(corrected, part)[i] for part in expected}
            assert given == pytest.approx(expected, rel=1e-12, abs=1e-15)
        assert corrected.estimator == "corrected"
        assert corrected.corrected() is corrected

    def test_bias_and_variance_of_the_design_keep_the_sum(self, name: str) -> None:
        method = DECOMPOSITIONS[name]
        corrected = method.decompose(flat(Q), LABELS).corrected(split(method, Q))
        terms = corrected.noise + corrected.bias + corrected.variance
        np.testing.assert_allclose(terms, corrected.expected_loss, rtol=0.0, atol=1e-12)

    def test_is_right_on_average_over_every_design(self, name: str) -> None:
        # Of a population of 3 resamples x 3 seeds, draw 2 x 2 with replacement, all 81 ways: the
        # bias² and the whole variance come out right exactly, though cells are not independent.
        method, population = DECOMPOSITIONS[name], Q[:3, :, :1]
        target = np.array([[0.2, 0.3, 0.5]])
        whole = method.decompose(flat(population), target)
        pairs = [[i, j] for i in range(3) for j in range(3)]
        designs = [population[rows][:, columns] for rows in pairs for columns in pairs]
        found = [
            method.decompose(flat(cells), target).corrected(split(method, cells))
            for cells in designs
        ]
        assert np.mean([parts.variance for parts in found]) == pytest.approx(whole.variance[0])
        assert np.mean([parts.bias for parts in found]) == pytest.approx(whole.bias[0])


class TestGaussianEffects:
    """q = μ + data effect + seed effect + both, Gaussian, with known components of variance."""

    components = np.array([0.9, 0.4, 0.2])
    a, b, designs = 6, 5, 3000

    def draw(self) -> VarianceParts:
        generator = stream(0, "gaussian effects")
        shapes = ((self.a, 1), (1, self.b), (self.a, self.b))
        effects = [
            np.sqrt(component) * generator.normal(size=(*shape, self.designs, 1))
            for component, shape in zip(self.components, shapes, strict=True)
        ]
        return squared_error_parts(3.0 + effects[0] + effects[1] + effects[2])

    def test_corrected_parts_are_the_components(self) -> None:
        parts = self.draw().corrected()
        for part, expected in zip(
            (parts.data, parts.seed, parts.interaction), self.components, strict=True
        ):
            error = part.std(ddof=1) / np.sqrt(self.designs)
            assert part.mean() == pytest.approx(expected, abs=4.0 * error)

    def test_a_corrected_part_may_be_negative(self) -> None:
        assert (self.draw().corrected().seed < 0.0).any()

    def test_plain_parts_are_off(self) -> None:
        # E data = (a − 1)/a (σ²_a + σ²_ab/b), and so on.
        parts, (data, seed, both) = self.draw(), self.components
        expected = (self.a - 1) / self.a * (data + both / self.b)
        error = parts.data.std(ddof=1) / np.sqrt(self.designs)
        assert parts.data.mean() == pytest.approx(expected, abs=4.0 * error)
        assert parts.seed.mean() == pytest.approx(
            (self.b - 1) / self.b * (seed + both / self.a), abs=4.0 * error
        )

    def test_variance_of_the_center(self) -> None:
        data, seed, both = self.components
        expected = data / self.a + seed / self.b + both / (self.a * self.b)
        given = self.draw().corrected().of_center
        error = given.std(ddof=1) / np.sqrt(self.designs)
        assert given.mean() == pytest.approx(expected, abs=4.0 * error)


def test_cross_entropy_of_near_predictions_splits_like_squares() -> None:
    # KL(q‖q + δ) is ½ Σ δ²/q to second order: at equal chances, half of c times Brier's.
    near = softmax(1e-4 * stream(0, "near").normal(size=(A, B, N, 3)))
    entropy_parts, brier_parts = cross_entropy_parts(near), squared_error_parts(near)
    for name in ("data", "seed", "interaction"):
        expected = 1.5 * getattr(brier_parts, name)
        np.testing.assert_allclose(getattr(entropy_parts, name), expected, rtol=2e-3)


def test_corrected_cross_entropy_does_not_take_the_interaction_for_data() -> None:
    # Networks that differ by what neither rows nor seed do alone, by logits of spread 0.5.
    logits = 0.5 * stream(0, "interaction").normal(size=(6, 3, 4000, 3))
    plain = cross_entropy_parts(softmax(logits))
    corrected = plain.corrected()
    assert plain.data.mean() > 0.25 * plain.total.mean()
    for part in (corrected.data, corrected.seed):
        assert abs(part.mean()) < 0.03 * corrected.total.mean()
    everything = np.log(np.exp(logits).sum(axis=-1)).mean() - np.log(3.0)  # E lse(z) − lse(E z)
    assert corrected.total.mean() == pytest.approx(everything, rel=0.03)


def test_normalized_logs_mend_rows_of_float32() -> None:
    rounded = Q.astype(np.float32).astype(np.float64)
    assert np.abs(rounded.sum(axis=-1) - 1.0).max() > 1e-10
    sums = np.exp(normalized_logs(rounded)).sum(axis=-1)
    np.testing.assert_allclose(sums, 1.0, rtol=0.0, atol=1e-15)
