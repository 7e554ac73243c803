import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from levelset.errors import DataError
from levelset.seeds import stream
from levelset.theory import average_ranks, spearman
from tests.reference import ranks as reference

repeatable = settings(derandomize=True, deadline=None, max_examples=60)
numbers = arrays(np.float64, st.integers(2, 12), elements=st.integers(-3, 3).map(float))


@repeatable
@given(numbers)
def test_ranks_equal_their_slow_twin_and_scipy(values) -> None:
    found = average_ranks(values)
    np.testing.assert_allclose(found, reference.average_ranks(values.tolist()))
    np.testing.assert_allclose(found, stats.rankdata(values))


@repeatable
@given(numbers, st.randoms(use_true_random=False))
def test_correlation_equals_its_slow_twin(x, random) -> None:
    y = np.array([random.randint(-2, 2) for _ in x], dtype=np.float64)
    expected = reference.spearman(x.tolist(), y.tolist())
    assert spearman(x, y) == pytest.approx(expected, abs=1e-12)


def test_correlation_equals_scipys() -> None:
    generator = stream(0, "ranks")
    x = generator.normal(size=50)
    y = x + generator.normal(size=50)
    assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y)[0], rel=1e-12)


def test_only_the_order_counts() -> None:
    x, y = stream(1, "ranks").normal(size=(2, 20))
    assert spearman(np.exp(3 * x), y) == pytest.approx(spearman(x, y), rel=1e-12)
    assert spearman(x, -y) == pytest.approx(-spearman(x, y), rel=1e-12)


def test_what_does_not_vary_orders_nothing() -> None:
    assert spearman(np.ones(4), np.arange(4.0)) == 0.0


@pytest.mark.parametrize(
    ("x", "said"), [(np.ones(1), "got 1 of which 1"), (np.array([1.0, np.nan]), "got 2 of which 1")]
)
def test_refuses_what_it_cannot_order(x, said) -> None:
    with pytest.raises(DataError, match=f"at least 2 pairs of finite numbers, {said}"):
        spearman(x, np.ones(len(x)))
