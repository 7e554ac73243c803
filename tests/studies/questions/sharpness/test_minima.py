import numpy as np
import pytest

from levelset.diagnostics import curvature_of, full_spectrum
from levelset.engine import Fleet, Member, Recipe
from levelset.seeds import stream
from levelset.studies.questions.sharpness.minima import (
    clustered,
    log2_sharpness,
    minimum_of,
    unsmoothed,
)
from levelset.theory import spearman
from tests.reference import jackknife as reference


@pytest.fixture(scope="module")
def rows():
    x = stream(0, "minima").normal(size=(60, 4)).astype(np.float32)
    return x, (x[:, 0] * x[:, 1] > 0).astype(np.int64)


@pytest.fixture(scope="module")
def networks(rows):
    recipe = Recipe(hidden=(6, 5), epochs=40)
    recipes = (recipe, recipe.changed(label_smoothing=0.2), recipe.changed(l2=0.01))
    fleet = Fleet([Member(one) for one in recipes], *rows)
    fleet.run()
    return fleet.networks


def test_the_eigenvalues_are_those_of_the_whole_spectrum(networks, rows):
    for network in networks:
        found = minimum_of(network, *rows, seed=1)
        for normalized, value in ((False, found.top), (True, found.invariant_top)):
            exact = full_spectrum(
                curvature_of(unsmoothed(network), *rows, l2=0.0, normalized=normalized)
            )
            assert value == pytest.approx(exact[-1], rel=0.02)
            assert value <= exact[-1] * (1 + 1e-9)


def test_the_traces_are_right_on_average(networks, rows):
    drawn = [minimum_of(networks[0], *rows, seed=seed) for seed in range(60)]
    for normalized, name in ((False, "trace"), (True, "invariant_trace")):
        values = [getattr(one, name) for one in drawn]
        exact = full_spectrum(curvature_of(networks[0], *rows, normalized=normalized)).sum()
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        assert abs(np.mean(values) - exact) < 4 * error
        assert error < 0.1 * exact


def test_neither_penalty_nor_smoothing_is_measured(networks, rows):
    smoothed, penalized = networks[1], networks[2]
    assert unsmoothed(smoothed).recipe.label_smoothing == 0.0
    for network in (smoothed, penalized):
        plain = unsmoothed(network)
        exact = full_spectrum(curvature_of(plain, *rows, l2=0.0))[-1]
        assert minimum_of(network, *rows, seed=0).top == pytest.approx(exact, rel=0.02)


def test_what_is_not_above_zero_counts_as_the_least():
    np.testing.assert_allclose(
        log2_sharpness(np.array([4.0, 0.0, -1.0])), [2.0, *[np.log2(1e-12)] * 2]
    )


def test_a_statistic_is_clustered_by_replicate():
    x, y = stream(2, "minima").normal(size=(2, 7, 4))

    def statistic(first, second):
        return spearman(first.ravel(), second.ravel())

    values = clustered(statistic, x, y)
    assert values.mean() == pytest.approx(statistic(x, y))

    def of_some(picked):
        kept = [int(r) for r in picked]
        return statistic(x[kept], y[kept])

    error = values.std(ddof=1) / np.sqrt(7)
    expected = reference.standard_error(list(range(7)), of_some)
    assert error == pytest.approx(expected, rel=1e-10)
