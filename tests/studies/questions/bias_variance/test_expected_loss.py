from dataclasses import replace

import numpy as np
import pytest

from levelset.diagnostics import bias_variance
from levelset.seeds import stream
from levelset.studies.questions.bias_variance.expected_loss import deviation, expected_loss
from levelset.theory import DECOMPOSITIONS, softmax
from tests.reference import jackknife as reference

SETS, SEEDS, SETTINGS, ROWS, CLASSES = 6, 3, 2, 5, 3


@pytest.fixture(scope="module")
def cells():
    logits = stream(0, "cells").normal(size=(SETS, SEEDS, SETTINGS, ROWS, CLASSES))
    return softmax(logits + stream(1, "cells").normal(size=(SETS, 1, SETTINGS, ROWS, CLASSES)))


LABELS = np.array([0, 1, 2, 1, 0])
TRUTH = softmax(stream(2, "cells").normal(size=(ROWS, CLASSES)))


@pytest.mark.parametrize("targets", [LABELS, TRUTH], ids=["labels", "truth"])
@pytest.mark.parametrize("loss", ["brier", "cross_entropy", "zero_one_kohavi_wolpert"])
def test_the_terms_of_each_setting_are_those_of_the_diagnostic(cells, targets, loss):
    found = expected_loss(cells, targets, loss)
    assert found.noise_known == (targets is TRUTH)
    for setting in range(SETTINGS):
        alone = bias_variance(cells[:, :, setting], targets, loss, generator=stream(0, "b"))
        assert alone.data is not None
        assert alone.seed is not None
        assert alone.interaction is not None
        expected = {
            "expected loss": alone.expected_loss.estimate,
            "noise": alone.noise.estimate,
            "bias": alone.bias.estimate,
            "variance": alone.variance.estimate,
            "rows": alone.data.estimate,
            "seed": alone.seed.estimate + alone.interaction.estimate,
            "log2 variance": np.log2(alone.variance.estimate),
        }
        for term, value in expected.items():
            assert found.estimate(term)[setting] == pytest.approx(value, rel=1e-10, abs=1e-13)


def test_the_terms_sum_to_the_loss_computed_by_loops(cells):
    found = expected_loss(cells, TRUTH, "brier")
    for setting in range(SETTINGS):
        total = 0.0
        for r in range(SETS):
            for s in range(SEEDS):
                for n in range(ROWS):
                    for label in range(CLASSES):
                        error = 0.0
                        for c in range(CLASSES):
                            error += (cells[r, s, setting, n, c] - (c == label)) ** 2
                        total += TRUTH[n, label] * error
        loss = total / (SETS * SEEDS * ROWS)
        assert found.estimate("expected loss")[setting] == pytest.approx(loss, rel=1e-12)
        parts = sum(found.estimate(term)[setting] for term in ("noise", "bias", "variance"))
        assert parts == pytest.approx(loss, rel=1e-12)
    both = found.estimate("rows") + found.estimate("seed")
    np.testing.assert_allclose(both, found.estimate("variance"), rtol=1e-12)


def test_the_spread_of_the_values_is_the_jackknife_over_training_sets(cells):
    found = expected_loss(cells, LABELS, "brier")

    def variance_of(sets):
        picked = cells[[int(r) for r in sets]]
        return float(expected_loss(picked, LABELS, "brier").estimate("variance")[1])

    error = found.values["variance"][:, 1].std(ddof=1) / np.sqrt(SETS)
    expected = reference.standard_error(list(range(SETS)), variance_of)
    assert error == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("loss", DECOMPOSITIONS)
def test_every_identity_holds_to_rounding_and_a_broken_one_is_seen(cells, loss):
    flat = cells[:, :, 0].reshape(-1, ROWS, CLASSES)
    by_row = DECOMPOSITIONS[loss].decompose(flat, TRUTH)
    assert deviation(by_row) < 1e-10
    assert deviation(replace(by_row, bias=by_row.bias + 1e-3)) == pytest.approx(1e-3)
