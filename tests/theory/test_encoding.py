import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from levelset.errors import DataError
from levelset.seeds import stream
from levelset.theory import log_softmax, log_sum_exp, one_hot, sigmoid, softmax
from tests.reference import activations as reference_activations
from tests.reference import encoding as reference

repeatable = settings(derandomize=True, deadline=None, max_examples=60)
logit_rows = arrays(
    np.float64,
    st.tuples(st.integers(1, 3), st.integers(1, 5)),
    elements=st.floats(-1e4, 1e4),
)


class TestOneHot:
    def test_equals_its_slow_twin(self) -> None:
        labels = np.array([2, 0, 1, 2])
        assert one_hot(labels, 3).tolist() == [reference.one_hot(label, 3) for label in labels]

    def test_rows_are_equally_far_apart(self) -> None:
        rows = one_hot(np.arange(4), 4)
        distances = ((rows[:, None] - rows) ** 2).sum(axis=-1)
        assert set(distances[~np.eye(4, dtype=bool)]) == {2.0}

    def test_carries_leading_axes(self) -> None:
        labels = np.array([[0, 1], [2, 2]])
        np.testing.assert_array_equal(
            one_hot(labels, 3), np.stack([one_hot(row, 3) for row in labels])
        )

    def test_accepts_no_labels(self) -> None:
        assert one_hot(np.array([], dtype=np.int64), 3).shape == (0, 3)

    @pytest.mark.parametrize("label", [-1, 3])
    def test_refuses_a_label_outside_the_classes(self, label: int) -> None:
        with pytest.raises(DataError, match=rf"from 0 to classes - 1 = 2, got {label}; number"):
            one_hot(np.array([0, label]), 3)


class TestSlowTwins:
    logits = stream(0, "encoding").normal(scale=3.0, size=(6, 4))

    def test_softmax(self) -> None:
        expected = [reference.softmax(row) for row in self.logits]
        np.testing.assert_allclose(softmax(self.logits), expected, rtol=1e-13)

    def test_log_softmax(self) -> None:
        expected = [reference.log_softmax(row) for row in self.logits]
        np.testing.assert_allclose(log_softmax(self.logits), expected, rtol=1e-12)

    def test_log_sum_exp(self) -> None:
        expected = [reference.log_sum_exp(row) for row in self.logits]
        np.testing.assert_allclose(log_sum_exp(self.logits), expected, rtol=1e-13)

    def test_sigmoid(self) -> None:
        z = self.logits.ravel()
        expected = [reference_activations.sigmoid(x) for x in z]
        np.testing.assert_allclose(sigmoid(z), expected, rtol=1e-14)


@pytest.mark.parametrize("function", [softmax, log_softmax, log_sum_exp, sigmoid])
def test_carries_leading_axes(function) -> None:
    logits = stream(1, "encoding").normal(size=(2, 3, 4))
    looped = [[function(row) for row in plane] for plane in logits]
    np.testing.assert_array_equal(function(logits), np.array(looped))


class TestIdentities:
    @repeatable
    @given(logit_rows)
    def test_softmax_is_a_distribution(self, logits: np.ndarray) -> None:
        probabilities = softmax(logits)
        assert (probabilities >= 0.0).all()
        np.testing.assert_allclose(probabilities.sum(axis=-1), 1.0, rtol=1e-14)

    @repeatable
    @given(logit_rows, st.floats(-1e4, 1e4))
    def test_softmax_does_not_see_a_shift(self, logits: np.ndarray, shift: float) -> None:
        # The shift rounds the logits by up to 2e4 eps, and the probabilities by as much.
        np.testing.assert_allclose(softmax(logits + shift), softmax(logits), rtol=1e-11)

    @repeatable
    @given(logit_rows)
    def test_log_softmax_is_the_logarithm_of_softmax(self, logits: np.ndarray) -> None:
        np.testing.assert_allclose(
            np.exp(log_softmax(logits)), softmax(logits), rtol=1e-11, atol=1e-300
        )

    @repeatable
    @given(logit_rows)
    def test_log_sum_exp_is_a_maximum_within_log_of_the_count(self, logits: np.ndarray) -> None:
        excess = log_sum_exp(logits) - logits.max(axis=-1)
        assert (excess >= 0.0).all()
        assert (excess <= np.log(logits.shape[-1]) + 1e-11).all()

    @repeatable
    @given(logit_rows)
    def test_sigmoid_of_minus_z_is_the_rest(self, logits: np.ndarray) -> None:
        np.testing.assert_allclose(sigmoid(logits) + sigmoid(-logits), 1.0, rtol=1e-14)

    @repeatable
    @given(logit_rows)
    def test_sigmoid_is_the_softmax_of_two(self, logits: np.ndarray) -> None:
        pairs = np.stack([np.zeros_like(logits), logits], axis=-1)
        np.testing.assert_allclose(sigmoid(logits), softmax(pairs)[..., 1], rtol=1e-11, atol=1e-300)


def test_sigmoid_keeps_relative_precision_of_small_probabilities() -> None:
    z = np.array([-700.0, -100.0, -40.0])
    np.testing.assert_allclose(sigmoid(z), np.exp(z), rtol=1e-12)


def test_log_softmax_stays_finite_where_the_probability_is_zero() -> None:
    logits = np.array([-1e4, 1e4])
    assert softmax(logits).tolist() == [0.0, 1.0]
    assert log_softmax(logits).tolist() == [-2e4, 0.0]
