import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from levelset.seeds import stream
from levelset.theory import (
    LEAST_PROBABILITY,
    cross_entropy,
    entropy,
    kl_divergence,
    log_probabilities,
    softmax,
    softmax_cross_entropy,
)
from tests.reference import losses as reference

repeatable = settings(derandomize=True, deadline=None, max_examples=60)
logits_of_three = arrays(np.float64, 3, elements=st.floats(-50.0, 50.0))

P = stream(0, "information", "p").dirichlet(np.ones(4), size=5)
Q = stream(0, "information", "q").dirichlet(np.ones(4), size=5)


def test_equal_their_slow_twins() -> None:
    rows = list(zip(P.tolist(), Q.tolist(), strict=True))
    np.testing.assert_allclose(entropy(P), [reference.entropy(p) for p, _ in rows])
    np.testing.assert_allclose(kl_divergence(P, Q), [reference.divergence(*row) for row in rows])


def test_equal_scipy() -> None:
    np.testing.assert_allclose(entropy(P), stats.entropy(P, axis=-1), rtol=1e-13)
    np.testing.assert_allclose(kl_divergence(P, Q), stats.entropy(P, Q, axis=-1), rtol=1e-12)


@repeatable
@given(logits_of_three, logits_of_three)
def test_cross_entropy_is_entropy_plus_divergence(truth: np.ndarray, logits: np.ndarray) -> None:
    p, q = softmax(truth), softmax(logits)
    assert cross_entropy(p, q) == pytest.approx(entropy(p) + kl_divergence(p, q), abs=1e-12)
    assert kl_divergence(p, q) >= -1e-14


@repeatable
@given(logits_of_three, logits_of_three)
def test_cross_entropy_is_that_of_the_logits(truth: np.ndarray, logits: np.ndarray) -> None:
    given = cross_entropy(softmax(truth), softmax(logits))
    expected = softmax_cross_entropy(logits, softmax(truth))
    assert given == pytest.approx(expected, rel=1e-12, abs=1e-12)  # softmax > 1e-38 here


def test_entropy_of_a_certainty_is_zero_and_of_equal_chances_the_log_of_their_number() -> None:
    assert entropy(np.array([0.0, 1.0, 0.0])) == 0.0
    assert entropy(np.full(8, 1 / 8)) == pytest.approx(math.log(8.0))


def test_a_probability_that_was_rounded_to_zero_costs_much_but_not_infinity() -> None:
    sure_and_wrong = cross_entropy(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    assert sure_and_wrong == pytest.approx(126.0 * math.log(2.0))
    assert np.float32(LEAST_PROBABILITY) == 2.0**-126
    assert log_probabilities(np.array([1e-30]))[0] == pytest.approx(math.log(1e-30))
