import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight

from levelset.errors import DataError
from levelset.seeds import stream
from levelset.theory import (
    add_noise,
    balanced_class_weights,
    mixup,
    one_hot,
    smooth_labels,
    softmax_cross_entropy,
)
from tests.reference import regularization as reference

GENERATOR = stream(0, "regularization")
TARGETS = GENERATOR.dirichlet(np.ones(4), size=(2, 5))
ROWS = GENERATOR.normal(size=(2, 5, 3))
PERMUTATION = GENERATOR.permutation(5)


class TestLabelSmoothing:
    @pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
    def test_equals_its_slow_twin(self, smoothing: float) -> None:
        expected = [
            [reference.smooth_labels(row, smoothing) for row in plane] for plane in TARGETS.tolist()
        ]
        np.testing.assert_allclose(smooth_labels(TARGETS, smoothing), expected, rtol=1e-13)

    def test_equals_torch(self) -> None:
        logits, labels = GENERATOR.normal(size=(6, 4)), np.array([0, 1, 2, 3, 0, 1])
        expected = torch.nn.functional.cross_entropy(
            torch.tensor(logits), torch.tensor(labels), label_smoothing=0.2
        )
        smoothed = smooth_labels(one_hot(labels, 4), 0.2)
        value = softmax_cross_entropy(logits, smoothed).mean()
        assert value == pytest.approx(expected.item(), rel=1e-12)


class TestMixup:
    @pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
    def test_equals_its_slow_twin(self, share: float) -> None:
        expected = [reference.mixup(plane, PERMUTATION.tolist(), share) for plane in ROWS.tolist()]
        np.testing.assert_allclose(
            mixup(ROWS, PERMUTATION, share), expected, rtol=1e-13, atol=1e-15
        )

    def test_commutes_with_label_smoothing(self) -> None:
        np.testing.assert_allclose(
            mixup(smooth_labels(TARGETS, 0.1), PERMUTATION, 0.3),
            smooth_labels(mixup(TARGETS, PERMUTATION, 0.3), 0.1),
            rtol=1e-13,
        )

    def test_a_missing_target_makes_its_mixtures_missing(self) -> None:
        targets = np.array([[1.0], [np.nan], [3.0]])
        mixed = mixup(targets, np.array([1, 2, 0]), 0.5)
        assert np.isnan(mixed).ravel().tolist() == [True, True, False]


class TestBalancedClassWeights:
    def test_equals_its_slow_twin(self) -> None:
        labels = np.array([0, 0, 0, 2, 2, 1, 0])
        expected = reference.balanced_class_weights(labels.tolist(), 4)
        assert balanced_class_weights(labels, 4).tolist() == pytest.approx(expected, rel=1e-14)
        assert expected[3] == 0.0

    def test_equals_scikit_learn(self) -> None:
        labels = stream(1, "regularization").integers(0, 3, size=50)
        expected = compute_class_weight("balanced", classes=np.arange(3), y=labels)
        np.testing.assert_allclose(balanced_class_weights(labels, 3), expected, rtol=1e-13)

    def test_gives_every_class_the_same_sum(self) -> None:
        labels = np.array([0, 1, 1, 1, 1, 1, 2, 2])
        sums = one_hot(labels, 3).sum(axis=0) * balanced_class_weights(labels, 3)
        np.testing.assert_allclose(sums, 8 / 3, rtol=1e-14)

    def test_refuses_a_label_that_is_no_class(self) -> None:
        with pytest.raises(DataError, match=r"from 0 to classes - 1 = 1, got 2"):
            balanced_class_weights(np.array([0, 2]), 2)


class TestNoise:
    def test_is_added_at_its_scale(self) -> None:
        draws = GENERATOR.normal(size=ROWS.shape)
        noisy = add_noise(ROWS, 0.3, draws)
        for index in np.ndindex(ROWS.shape):
            assert noisy[index] == ROWS[index] + 0.3 * draws[index]

    def test_on_inputs_of_a_linear_model_is_a_penalty_on_its_slope(self) -> None:
        # E (w·(x + σε) − y)² = (w·x − y)² + σ² ‖w‖², the identity behind Bishop (1995)
        generator = stream(2, "regularization")
        x, w, y, scale = np.array([1.0, -2.0]), np.array([0.5, 1.5]), 0.7, 0.4
        noisy = add_noise(np.tile(x, (200_000, 1)), scale, generator.normal(size=(200_000, 2)))
        losses = (noisy @ w - y) ** 2
        expected = (x @ w - y) ** 2 + scale**2 * (w @ w)
        assert losses.mean() == pytest.approx(expected, abs=5 * losses.std() / 200_000**0.5)
