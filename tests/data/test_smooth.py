import math

import numpy as np
import pytest

from levelset.data import load_synthetic
from levelset.data.smooth import OPTIONS, draw_smooth, smooth_probabilities
from levelset.seeds import stream

DEFAULTS = {option.name: option.default for option in OPTIONS}


def test_probabilities_by_loops():
    options = DEFAULTS | {"classes": 4, "features": 3, "noise": 0.4, "roughness": 1.3, "task": 7}
    generator = stream(7, "smooth function", 4, 3)
    amplitudes, directions = generator.normal(size=(128, 4)), generator.normal(size=(3, 128))
    phases = generator.uniform(0, 2 * math.pi, size=128)
    points = stream(0, "points").normal(size=(6, 3))
    for x, row in zip(points, smooth_probabilities(points, options), strict=True):
        scores = []
        for c in range(4):
            total = 0.0
            for j in range(128):
                along = sum(x[k] * directions[k, j] for k in range(3)) * 1.3 / math.sqrt(3)
                total += amplitudes[j, c] * math.cos(along + phases[j])
            scores.append(math.exp(math.sqrt(2 / 128) * total / 0.4))
        np.testing.assert_allclose(row, np.array(scores) / sum(scores), atol=1e-12)


def test_the_labels_follow_the_probabilities():
    drawn = draw_smooth(40_000, DEFAULTS, stream(0, "rows"))
    for code in range(3):
        given = drawn.probabilities[:, code]
        for low in np.arange(0, 1, 0.1):
            rows = (given >= low) & (given < low + 0.1)
            spread = math.sqrt((given[rows] * (1 - given[rows])).mean() / rows.sum())
            assert abs((drawn.targets[rows] == code).mean() - given[rows].mean()) < 4.5 * spread


def test_a_seed_draws_rows_and_a_task_the_function():
    first = load_synthetic("smooth", {"seed": 0})
    fresh = load_synthetic("smooth", {"seed": 1})
    other = load_synthetic("smooth", {"seed": 0, "task": 1})
    assert not np.array_equal(first.values, fresh.values)
    np.testing.assert_array_equal(first.values, other.values)
    assert not np.allclose(first.class_probabilities, other.class_probabilities)
    np.testing.assert_allclose(
        fresh.class_probabilities, smooth_probabilities(fresh.values, DEFAULTS)
    )


@pytest.mark.parametrize(("noise", "certain"), [(0.001, True), (1000.0, False)])
def test_the_noise_goes_from_certainty_to_chance(noise, certain):
    largest = draw_smooth(500, DEFAULTS | {"noise": noise}, stream(0, "rows")).probabilities.max(1)
    assert np.mean(largest > 0.99) > 0.98 if certain else largest.max() < 0.35


def test_a_task_has_scores_of_variance_one():
    # Over many tasks at one point, the scores are normal with variance 1.
    options = DEFAULTS | {"noise": 1.0, "classes": 20}
    log = [
        np.log(smooth_probabilities(np.zeros((1, 5)), options | {"task": t})[0]) for t in range(300)
    ]
    within = np.var(np.stack(log), axis=1, ddof=1)  # what softmax subtracts is the same for all
    assert within.mean() == pytest.approx(1.0, abs=0.1)
