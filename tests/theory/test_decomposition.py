import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from scipy.integrate import quad

from levelset.errors import DataError
from levelset.seeds import stream
from levelset.theory import (
    DECOMPOSITIONS,
    Decomposition,
    DecompositionMethod,
    kl_divergence,
    one_hot,
    sigmoid,
    softmax,
    squared_error_decomposition,
)
from tests.reference import decomposition as reference

every_method = pytest.mark.parametrize("method", DECOMPOSITIONS.values(), ids=DECOMPOSITIONS)
corrected_exactly = pytest.mark.parametrize(
    "method",
    [method for method in DECOMPOSITIONS.values() if method.correction == "exact"],
    ids=lambda method: method.name,
)
repeatable = settings(derandomize=True, deadline=None, max_examples=100)

R, N = 7, 12
P = stream(0, "decomposition", "p").dirichlet(np.ones(3), size=N)
Q = stream(0, "decomposition", "q").dirichlet(np.ones(3), size=(R, N))
LABELS = stream(0, "decomposition", "labels").integers(3, size=N)


def two_classes(yes: np.ndarray) -> np.ndarray:
    return np.stack([1.0 - yes, yes], axis=-1)


def excess(parts: Decomposition) -> np.ndarray:
    """The expected loss less what its terms sum to."""
    noise = parts.noise_coefficient * parts.noise
    return parts.expected_loss - noise - parts.bias - parts.variance_coefficient * parts.variance


def test_registry_is_complete_and_keyed_by_name() -> None:
    assert set(DECOMPOSITIONS) == set(reference.DECOMPOSITIONS)
    assert all(name == method.name for name, method in DECOMPOSITIONS.items())


@every_method
class TestEveryMethod:
    @pytest.mark.parametrize("truth", ["known", "labels"])
    def test_equals_its_slow_twin(self, method: DecompositionMethod, truth: str) -> None:
        known = truth == "known"
        parts = method.decompose(Q, P if known else LABELS)
        rows = (P if known else one_hot(LABELS, 3)).tolist()
        for i, p in enumerate(rows):
            expected = reference.DECOMPOSITIONS[method.name](Q[:, i].tolist(), p)
            given = {name: getattr(parts, name)[i] for name in expected}
            assert given == pytest.approx(expected, rel=1e-12, abs=1e-14)
        assert (parts.noise_known, parts.replicates) == (known, R)

    @repeatable
    @given(
        arrays(np.float64, (4, 3, 3), elements=st.floats(-60.0, 60.0)),
        arrays(np.float64, (3, 3), elements=st.floats(-60.0, 60.0)),
    )
    def test_sums_with_its_coefficients(
        self, method: DecompositionMethod, logits: np.ndarray, truth: np.ndarray
    ) -> None:
        parts = method.decompose(softmax(logits), softmax(truth))
        np.testing.assert_allclose(excess(parts), 0.0, rtol=0.0, atol=1e-10)

    @repeatable
    @given(
        arrays(np.float64, (5, 4, 2), elements=st.floats(-60.0, 60.0)),
        arrays(np.int64, 4, elements=st.integers(0, 1)),
    )
    def test_sums_against_labels(
        self, method: DecompositionMethod, logits: np.ndarray, labels: np.ndarray
    ) -> None:
        parts = method.decompose(softmax(logits), labels)
        np.testing.assert_allclose(excess(parts), 0.0, rtol=0.0, atol=1e-10)
        assert not parts.noise_known
        np.testing.assert_array_equal(parts.noise, 0.0)

    def test_says_whether_the_bare_terms_sum(self, method: DecompositionMethod) -> None:
        parts = method.decompose(Q, P)
        bare = parts.noise + parts.bias + parts.variance
        assert method.terms_sum == bool(np.allclose(bare, parts.expected_loss, atol=1e-10))

    def test_of_the_truth_is_noise_alone(self, method: DecompositionMethod) -> None:
        parts = method.decompose(np.stack([P, P]), P)
        np.testing.assert_allclose(parts.variance, 0.0, atol=1e-14)
        if (
            method.name != "zero_one_kohavi_wolpert"
        ):  # whose noise is less than the best vote's loss
            np.testing.assert_allclose(parts.noise_coefficient * parts.noise, parts.expected_loss)
            np.testing.assert_allclose(parts.bias, 0.0, atol=1e-14)

    def test_expected_loss_against_labels_averages_to_that_against_their_chances(
        self, method: DecompositionMethod
    ) -> None:
        by_label = [method.decompose(Q, np.full(N, c)).expected_loss for c in range(3)]
        weighed = (P * np.stack(by_label, axis=-1)).sum(axis=-1)
        np.testing.assert_allclose(method.decompose(Q, P).expected_loss, weighed, rtol=1e-12)

    def test_is_finite_and_sums_where_float32_rounds_to_zero(
        self, method: DecompositionMethod
    ) -> None:
        sure = softmax(np.array([[[200.0, 0.0]], [[-200.0, 0.0]]])).astype(np.float32)
        parts = method.decompose(sure.astype(np.float64), np.array([1]))
        np.testing.assert_allclose(excess(parts), 0.0, atol=1e-10)

    def test_sums_for_rows_that_sum_to_one_as_float32_does(
        self, method: DecompositionMethod
    ) -> None:
        rounded = Q.astype(np.float32).astype(np.float64)
        parts = method.decompose(rounded, P.astype(np.float32).astype(np.float64))
        np.testing.assert_allclose(excess(parts), 0.0, atol=1e-10)

    @pytest.mark.parametrize(
        ("probabilities", "targets", "message"),
        [
            (Q * 2.0, LABELS, "`probabilities` must be finite, >= 0 and sum to 1"),
            (np.where(Q > 0.9, np.nan, Q), LABELS, "leave out networks that diverged"),
            (Q, P * 2.0, "`targets` must be finite, .* got sums off by 1; leave out"),
            (Q, LABELS + 3, "Labels must lie from 0 to classes - 1 = 2, got [345]"),
        ],
    )
    def test_refuses_what_is_no_probability_or_label(
        self,
        method: DecompositionMethod,
        probabilities: np.ndarray,
        targets: np.ndarray,
        message: str,
    ) -> None:
        with pytest.raises(DataError, match=message):
            method.decompose(probabilities, targets)


class TestCorrected:
    @corrected_exactly
    def test_is_right_on_average_over_every_sample(self, method: DecompositionMethod) -> None:
        # Four equally likely predictions; of all 64 samples of three, the mean of an unbiased
        # estimate is the term of the four, exactly.
        truth, p = Q[:4, :1], P[:1]
        whole = method.decompose(truth, p)
        samples = [truth[[i, j, k]] for i in range(4) for j in range(4) for k in range(4)]
        plain = [method.decompose(sample, p) for sample in samples]
        corrected = [parts.corrected() for parts in plain]
        for name in ("variance", "bias"):
            average = np.mean([getattr(parts, name) for parts in corrected])
            assert average == pytest.approx(getattr(whole, name)[0], rel=1e-12)
        assert np.mean([parts.variance for parts in plain]) == pytest.approx(
            whole.variance[0] * 2 / 3, rel=1e-12
        )

    @corrected_exactly
    def test_keeps_the_sum_and_is_named(self, method: DecompositionMethod) -> None:
        parts = method.decompose(Q, P)
        assert (parts.estimator, parts.corrected().estimator) == ("plain", "corrected")
        np.testing.assert_allclose(excess(parts.corrected()), 0.0, atol=1e-12)
        assert parts.corrected().corrected().variance == pytest.approx(parts.corrected().variance)

    def test_by_hand(self) -> None:
        parts = DECOMPOSITIONS["brier"].decompose(
            two_classes(np.array([[0.2], [0.6]])), np.array([1])
        )
        assert (parts.bias[0], parts.variance[0]) == pytest.approx((0.72, 0.08))
        assert parts.corrected().variance[0] == pytest.approx(0.16)
        assert parts.corrected().bias[0] == pytest.approx(0.64)

    def test_refuses_a_loss_that_has_none(self) -> None:
        parts = DECOMPOSITIONS["zero_one_domingos"].decompose(Q, P)
        with pytest.raises(DataError, match="domingos cannot be corrected; use the plain ones, kn"):
            parts.corrected()

    def test_refuses_one_replicate(self) -> None:
        with pytest.raises(DataError, match="at least 2 replicates, got 1; train more"):
            DECOMPOSITIONS["brier"].decompose(Q[:1], P).corrected()

    def test_plain_cross_entropy_variance_is_too_small_and_bias_as_much_too_large(self) -> None:
        truth, p = Q[:4, :1], P[:1]
        method = DECOMPOSITIONS["cross_entropy"]
        whole = method.decompose(truth, p)
        samples = [method.decompose(truth[[i, j]], p) for i in range(4) for j in range(4)]
        missing = whole.variance[0] - np.mean([parts.variance for parts in samples])
        assert missing > 0.0
        surplus = np.mean([parts.bias for parts in samples]) - whole.bias[0]
        assert surplus == pytest.approx(missing, rel=1e-12)

    @pytest.mark.parametrize(("spread", "left"), [(0.1, 0.01), (1.0, 0.1), (2.0, 0.3)])
    def test_of_cross_entropy_is_right_to_leading_order(self, spread: float, left: float) -> None:
        # Of all 256 samples of four out of four: plain variance misses a quarter, corrected less
        # than the share `left` of that.
        logits = spread * stream(1, "leading order").normal(size=(4, 50, 3))
        method, p = DECOMPOSITIONS["cross_entropy"], np.zeros(50, np.int64)
        whole = method.decompose(softmax(logits), p).variance.mean()
        samples = [
            method.decompose(softmax(logits[list(w)]), p) for w in product(range(4), repeat=4)
        ]
        plain = whole - np.mean([parts.variance.mean() for parts in samples])
        corrected = whole - np.mean([parts.corrected().variance.mean() for parts in samples])
        assert plain == pytest.approx(whole / 4, rel=0.2)
        assert abs(corrected) < left * plain


class TestGaussianLogits:
    """Two classes, logit of yes z ~ N(m, s²) over trainings, p(yes) = ρ: closed forms."""

    m, s, rho, r, samples = 0.7, 1.3, 0.4, 20, 400
    target = np.array([[1.0 - rho, rho]])
    z = stream(0, "gaussian logits").normal(m, s, size=(samples, r, 1))

    def estimates(self, name: str, term: str, estimator: str = "plain") -> np.ndarray:
        found = []
        for z in self.z:
            parts = DECOMPOSITIONS[name].decompose(two_classes(sigmoid(z)), self.target)
            parts = parts.corrected() if estimator == "corrected" else parts
            found.append(getattr(parts, term)[0])
        return np.array(found)

    def moment(self, power: int) -> float:
        density = stats.norm(self.m, self.s).pdf
        return quad(lambda z: density(z) / (1.0 + math.exp(-z)) ** power, -15.0, 15.0)[0]

    def assert_mean(self, values: np.ndarray, expected: float) -> None:
        error = values.std(ddof=1) / math.sqrt(values.size)
        assert values.mean() == pytest.approx(expected, abs=4.0 * error)

    def test_brier_by_quadrature(self) -> None:
        first, second = self.moment(1), self.moment(2)
        variance, bias = 2.0 * (second - first**2), 2.0 * (first - self.rho) ** 2
        self.assert_mean(self.estimates("brier", "variance", "corrected"), variance)
        self.assert_mean(self.estimates("brier", "bias", "corrected"), bias)
        plain = self.estimates("brier", "variance")
        self.assert_mean(plain, variance * (self.r - 1) / self.r)
        error = plain.std(ddof=1) / math.sqrt(self.samples)
        assert variance - plain.mean() > 4.0 * error  # the correction is larger than chance

    def test_kohavi_wolpert_by_the_normal_distribution(self) -> None:
        yes = stats.norm.cdf(self.m / self.s)
        variance, bias = yes * (1.0 - yes), (yes - self.rho) ** 2
        self.assert_mean(
            self.estimates("zero_one_kohavi_wolpert", "variance", "corrected"), variance
        )
        self.assert_mean(self.estimates("zero_one_kohavi_wolpert", "bias", "corrected"), bias)

    def test_domingos_by_the_normal_distribution(self) -> None:
        # The main vote is yes as m > 0, and no is likelier: biased, so that variance helps.
        parts = DECOMPOSITIONS["zero_one_domingos"].decompose(
            two_classes(sigmoid(self.z.reshape(-1, 1))), self.target
        )
        no, n = 1.0 - stats.norm.cdf(self.m / self.s), self.z.size
        assert parts.bias[0] == 1.0
        assert parts.variance[0] == pytest.approx(no, abs=4.0 * math.sqrt(no * (1.0 - no) / n))
        assert parts.variance_coefficient[0] == pytest.approx(-1.0, rel=1e-12)
        assert parts.noise_coefficient[0] == pytest.approx(2.0 * parts.variance[0] - 1.0)

    def test_cross_entropy_bias_is_that_of_the_mean_logit(self) -> None:
        # q̄ is the softmax of the mean logit, exactly; over many replicates that is m.
        z = self.z.reshape(-1, 1)
        parts = DECOMPOSITIONS["cross_entropy"].decompose(two_classes(sigmoid(z)), self.target)
        centers = two_classes(sigmoid(np.array([z.mean()])))
        assert parts.bias[0] == pytest.approx(kl_divergence(self.target, centers)[0], rel=1e-10)
        limit = two_classes(sigmoid(np.array([self.m])))
        slope = abs(limit[0, 1] - self.rho)  # d KL/dm
        assert parts.bias[0] == pytest.approx(
            kl_divergence(self.target, limit)[0], abs=4.0 * slope * self.s / math.sqrt(z.size)
        )


class TestGaussianMean:
    """A shrunken mean λ ȳ of N draws of N(μ, σ²): bias² (1−λ)² μ², variance λ² σ²/N, noise σ²."""

    mu, sigma, shrinkage, draws, r = 2.0, 1.5, 0.8, 10, 4000

    def test_terms_are_the_textbook_ones(self) -> None:
        samples = stream(0, "gaussian mean").normal(self.mu, self.sigma, size=(self.r, self.draws))
        predictions = self.shrinkage * samples.mean(axis=1)[:, np.newaxis, np.newaxis]
        parts = squared_error_decomposition(
            predictions, np.full((1, 1), self.mu), np.array([self.sigma**2]), noise_known=True
        ).corrected()
        variance = self.shrinkage**2 * self.sigma**2 / self.draws
        bias = (1.0 - self.shrinkage) ** 2 * self.mu**2
        # Var of s² is 2 σ⁴/(r − 1); of the squared bias, 4 bias · variance / r and a smaller term.
        assert parts.variance[0] == pytest.approx(variance, abs=4 * variance * (2 / self.r) ** 0.5)
        assert parts.bias[0] == pytest.approx(bias, abs=4 * (4.1 * bias * variance / self.r) ** 0.5)
        total = bias + variance + self.sigma**2
        assert parts.expected_loss[0] == pytest.approx(total, abs=0.02)


class TestDomingos:
    method = DECOMPOSITIONS["zero_one_domingos"]

    @repeatable
    @given(
        arrays(np.float64, (5, 3), elements=st.floats(0.0, 1.0)),
        arrays(np.float64, 3, elements=st.floats(0.0, 1.0)),
    )
    def test_of_two_classes_has_the_coefficients_of_theorem_1(
        self, yes: np.ndarray, truth: np.ndarray
    ) -> None:
        parts = self.method.decompose(two_classes(yes), two_classes(truth))
        best = two_classes(truth).argmax(axis=-1)
        right = (two_classes(yes).argmax(axis=-1) == best).mean(axis=0)
        noisy = parts.noise > 0.0
        np.testing.assert_allclose(
            parts.noise_coefficient[noisy], 2.0 * right[noisy] - 1.0, atol=1e-12
        )
        np.testing.assert_allclose(parts.variance_coefficient, 1.0 - 2.0 * parts.bias, atol=1e-12)

    def test_coefficients_hold_for_the_least_noise(self) -> None:
        yes = np.array([[0.0], [1.0], [1.0]])
        parts = self.method.decompose(two_classes(yes), np.array([[3e-17, 1.0]]))
        assert parts.noise_coefficient[0] == pytest.approx(1 / 3, rel=1e-12)

    def test_of_three_classes_variance_may_help_less_than_it_is(self) -> None:
        ballots = one_hot(np.array([0, 0, 0, 1, 2]), 3)[:, np.newaxis]
        parts = self.method.decompose(ballots, np.array([1]))
        assert (parts.bias[0], parts.variance[0]) == (1.0, pytest.approx(0.4))
        assert parts.variance_coefficient[0] == pytest.approx(-0.5)
        assert parts.expected_loss[0] == pytest.approx(0.8)

    def test_the_lower_class_wins_a_tie(self) -> None:
        ballots = one_hot(np.array([0, 1]), 2)[:, np.newaxis]
        assert self.method.decompose(ballots, np.array([0])).bias[0] == 0.0
        assert self.method.decompose(ballots, np.array([1])).bias[0] == 1.0


def test_kohavi_wolpert_bias_is_not_zero_where_the_main_vote_is_right() -> None:
    ballots = one_hot(np.array([1, 1, 0]), 2)[:, np.newaxis]
    parts = DECOMPOSITIONS["zero_one_kohavi_wolpert"].decompose(ballots, np.array([1]))
    assert (parts.bias[0], parts.variance[0]) == pytest.approx((1 / 9, 2 / 9))
    domingos = DECOMPOSITIONS["zero_one_domingos"].decompose(ballots, np.array([1]))
    assert (domingos.bias[0], domingos.variance[0]) == pytest.approx((0.0, 1 / 3))


def test_cross_entropy_about_the_plain_mean_does_not_sum() -> None:
    center = Q.mean(axis=0)
    terms = kl_divergence(P, center) + np.mean([kl_divergence(center, q) for q in Q], axis=0)
    whole = np.mean([kl_divergence(P, q) for q in Q], axis=0)
    assert np.abs(terms - whole).max() > 1e-2
