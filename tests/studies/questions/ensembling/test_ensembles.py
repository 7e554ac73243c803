from itertools import combinations

import numpy as np
import pytest

from levelset.seeds import stream
from levelset.studies.questions.ensembling.ensembles import by_size, gains, sizes_up_to
from levelset.theory import softmax

MEMBERS, ROWS, CLASSES = 9, 30, 3


@pytest.fixture(scope="module")
def probabilities():
    return softmax(stream(0, "logits").normal(0, 2, (MEMBERS, ROWS, CLASSES)))


@pytest.fixture(scope="module")
def labels():
    return stream(0, "labels").integers(0, CLASSES, ROWS)


@pytest.mark.parametrize("size", [1, 2, 4, 9])
def test_measures_of_a_size_are_means_over_its_disjoint_ensembles(probabilities, labels, size):
    measured = by_size(probabilities, labels, (size,))
    ensembles = []
    for first in range(0, MEMBERS - size + 1, size):
        ensembles.append(sum(probabilities[first + k] for k in range(size)) / size)
    losses = [-np.log(q[row, labels[row]]) for q in ensembles for row in range(ROWS)]
    wrong = [q[row].argmax() != labels[row] for q in ensembles for row in range(ROWS)]
    assert measured.log_loss[0] == pytest.approx(np.mean(losses), rel=1e-12)
    assert measured.error[0] == pytest.approx(np.mean(wrong), rel=1e-12)
    if len(ensembles) == 1:
        assert np.isnan(measured.variance[0])
        assert np.isnan(measured.disagreement[0])
        return
    variance = [
        np.var([q[row, c] for q in ensembles], ddof=1)
        for row in range(ROWS)
        for c in range(CLASSES)
    ]
    differ = [
        a[row].argmax() != b[row].argmax()
        for a, b in combinations(ensembles, 2)
        for row in range(ROWS)
    ]
    assert measured.variance[0] == pytest.approx(sum(variance) / ROWS, rel=1e-12)
    assert measured.disagreement[0] == pytest.approx(np.mean(differ), rel=1e-12)


def test_the_variance_of_independent_members_falls_like_one_by_size():
    drawn = softmax(stream(1, "logits").normal(size=(4096, 5, CLASSES)))
    sizes = (1, 2, 4, 8, 16)
    variance = by_size(drawn, np.zeros(5, dtype=np.int64), sizes).variance
    np.testing.assert_allclose(variance * sizes, variance[0], rtol=0.1)


def test_what_averaging_gains_is_what_theory_says(probabilities, labels):
    for gain in gains(probabilities, labels):
        assert gain.deviation < 1e-12
        assert gain.members - gain.ensemble == pytest.approx(gain.spread, abs=1e-12)
        assert gain.spread > 0


def test_sizes_are_powers_of_two_up_to_the_members():
    assert sizes_up_to(1) == (1,)
    assert sizes_up_to(64) == (1, 2, 4, 8, 16, 32, 64)
    assert sizes_up_to(63)[-1] == 32
