"""The shares and partners that rows are mixed by are those of the published mixup."""

import numpy as np
import pytest
from scipy import stats

from tests.reference import philox
from tests.reference.features import X, Y, make_recipe
from tests.reference.trained import Trained, as_bytes


@pytest.mark.parametrize("alpha", [0.2, 0.5, 1.0, 3.0, 30.0])
def test_shares_are_of_the_beta_distribution(alpha: float) -> None:
    shares = [philox.mixing_share(5, *moment, alpha) for moment in np.ndindex(30, 50)]
    assert stats.kstest(shares, stats.beta(alpha, alpha).cdf).pvalue > 1e-3


@pytest.mark.parametrize("alpha", [1e-6, 1e-3, 1e6])
def test_extreme_shares_are_numbers(alpha: float) -> None:
    shares = np.array([philox.mixing_share(5, 0, step, alpha) for step in range(100)])
    middle = np.abs(shares - 0.5)
    assert (middle < 0.01).all() if alpha > 1 else (middle > 0.49).mean() > 0.9


def test_partners_are_uniform_permutations() -> None:
    # Which of 8 rows is mixed with each in 4,000 steps: chi-squared with 7 x 7 degrees of freedom.
    rows, steps = 8, 4000
    counts = np.zeros((rows, rows))
    for step in range(steps):
        partners = philox.mixing_partners(5, 0, step, rows)
        assert sorted(partners) == list(range(rows))
        counts[np.arange(rows), partners] += 1
    statistic = ((counts - steps / rows) ** 2 / (steps / rows)).sum()
    assert 1e-3 < stats.chi2.sf(statistic, (rows - 1) ** 2) < 1 - 1e-3


def test_a_row_alone_is_mixed_with_itself() -> None:
    fields = {"batch_size": 1, "epochs": 2, "dropout": 0.3}
    mixed, plain = (Trained(make_recipe(mixup=alpha, **fields)) for alpha in (0.4, 0.0))
    for mine, theirs in zip(mixed.after.weights, plain.after.weights, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10)


@pytest.mark.parametrize("alpha", [1e-3, 1e4])
def test_extreme_shares_can_be_trained_with(alpha: float) -> None:
    trained = Trained(make_recipe(mixup=alpha), x=X, y=Y)
    history = trained.by_theory()
    assert np.isfinite(trained.record.training_loss).all()
    assert trained.record.training_loss[0, -1] == pytest.approx(
        history.epochs[-1].training_loss, rel=1e-6
    )
    assert as_bytes(trained.after) != as_bytes(trained.before)
