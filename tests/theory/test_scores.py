from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import brier_score_loss, log_loss

from levelset.errors import DataError
from levelset.seeds import stream
from levelset.theory import (
    ScoreParts,
    entropy,
    prediction_groups,
    softmax,
    split_brier_score,
    split_log_loss,
)
from tests.reference import calibration as reference

repeatable = settings(derandomize=True, deadline=None, max_examples=100)
Split = Callable[[np.ndarray, np.ndarray, np.ndarray], ScoreParts]
SLOW_TWINS = {
    split_brier_score: reference.split_brier_score,
    split_log_loss: reference.split_log_loss,
}
every_split = pytest.mark.parametrize("split", SLOW_TWINS, ids=lambda split: split.__name__)

N, C = 80, 3
Q = stream(0, "scores", "q").dirichlet(np.ones(C), size=N)
LABELS = stream(0, "scores", "labels").integers(C, size=N)
GROUPS = prediction_groups(Q, 4, "equal_count")


def summed(parts: ScoreParts) -> float:
    within = parts.within_variance - parts.within_covariance
    return parts.reliability - parts.resolution + parts.uncertainty + within


@every_split
class TestEverySplit:
    def test_equals_its_slow_twin(self, split: Split) -> None:
        parts = split(Q, LABELS, GROUPS)
        expected = SLOW_TWINS[split](Q.tolist(), LABELS.tolist(), GROUPS.tolist())
        given = {name: getattr(parts, name) for name in expected}
        assert given == pytest.approx(expected, rel=1e-11, abs=1e-13)
        assert (parts.n, parts.groups) == (N, len(set(GROUPS.tolist())))

    @repeatable
    @given(
        arrays(np.float64, (9, 3), elements=st.floats(-60.0, 60.0)),
        arrays(np.int64, 9, elements=st.integers(0, 2)),
        arrays(np.int64, 9, elements=st.integers(0, 4)),
    )
    def test_sums_over_any_groups(
        self,
        split: Split,
        logits: np.ndarray,
        labels: np.ndarray,
        groups: np.ndarray,
    ) -> None:
        parts = split(softmax(logits), labels, groups)
        assert summed(parts) == pytest.approx(parts.score, rel=0.0, abs=1e-10)
        three = parts.reliability - parts.generalized_resolution + parts.uncertainty
        assert three == pytest.approx(parts.score, rel=0.0, abs=1e-10)
        assert min(parts.reliability, parts.resolution, parts.within_variance) >= -1e-12

    def test_of_equal_predictions_in_a_group_needs_three_terms(self, split: Split) -> None:
        forecasts = np.array([[0.7, 0.2, 0.1], [0.2, 0.2, 0.6]])
        groups = stream(0, "scores", "groups").integers(2, size=N)
        parts = split(forecasts[groups], LABELS, groups)
        assert (parts.within_variance, parts.within_covariance) == pytest.approx((0.0, 0.0))
        assert parts.reliability - parts.resolution + parts.uncertainty == pytest.approx(
            parts.score, rel=1e-12
        )

    def test_of_the_shares_of_the_classes_is_uncertainty_alone(self, split: Split) -> None:
        shares = np.bincount(LABELS, minlength=C) / N
        parts = split(np.tile(shares, (N, 1)), LABELS, np.zeros(N, np.int64))
        assert (parts.reliability, parts.resolution) == pytest.approx((0.0, 0.0), abs=1e-14)
        assert parts.score == pytest.approx(parts.uncertainty, rel=1e-12)

    def test_of_the_shares_of_each_group_is_reliable(self, split: Split) -> None:
        groups = LABELS % 2
        shares = np.array([[0.5, 0.0, 0.5], [0.0, 1.0, 0.0]])
        shares[0] = np.bincount(LABELS[groups == 0], minlength=C) / (groups == 0).sum()
        parts = split(shares[groups], LABELS, groups)
        assert parts.reliability == pytest.approx(0.0, abs=1e-14)
        assert parts.resolution > 0.1

    def test_of_one_row_a_group_tells_all(self, split: Split) -> None:
        parts = split(Q, LABELS, np.arange(N))
        assert parts.resolution == pytest.approx(parts.uncertainty, rel=1e-12)
        assert parts.reliability == pytest.approx(parts.score, rel=1e-12)

    def test_refuses_no_rows(self, split: Split) -> None:
        with pytest.raises(DataError, match="at least one row, got none"):
            split(Q[:0], LABELS[:0], GROUPS[:0])

    def test_refuses_a_label_that_is_no_class(self, split: Split) -> None:
        with pytest.raises(DataError, match="Labels must lie from 0 to classes - 1 = 2"):
            split(Q, LABELS + 1, GROUPS)


def test_scores_equal_scikit_learn() -> None:
    brier = brier_score_loss(LABELS, Q, labels=range(C), scale_by_half=False)
    assert split_brier_score(Q, LABELS, GROUPS).score == pytest.approx(brier, rel=1e-13)
    nats = log_loss(LABELS, Q, labels=range(C))
    assert split_log_loss(Q, LABELS, GROUPS).score == pytest.approx(nats, rel=1e-12)


def test_uncertainty_is_the_entropy_of_the_shares() -> None:
    shares = np.bincount(LABELS, minlength=C) / N
    assert split_log_loss(Q, LABELS, GROUPS).uncertainty == pytest.approx(float(entropy(shares)))


def test_murphy_by_hand() -> None:
    # Yes is predicted 0.8 twice and comes once, 0.4 once and does not come; both classes count.
    yes, labels = np.array([0.8, 0.8, 0.4]), np.array([1, 0, 0])
    parts = split_brier_score(np.stack([1 - yes, yes], axis=1), labels, np.array([0, 0, 1]))
    assert parts.reliability == pytest.approx(2 * (2 / 3 * 0.3**2 + 1 / 3 * 0.4**2))
    assert parts.resolution == pytest.approx(2 * (2 / 3 * (1 / 6) ** 2 + 1 / 3 * (1 / 3) ** 2))
    assert parts.uncertainty == pytest.approx(2 * (1 / 3) * (2 / 3))
