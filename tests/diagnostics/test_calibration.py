import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss

from levelset.diagnostics.calibration import Predicted, measure_calibration, temperature_gain
from levelset.engine import Fleet, Member, Recipe
from levelset.errors import DataError
from levelset.seeds import stream
from levelset.theory import (
    TEMPERATURE_BOUNDS,
    calibration_error,
    fit_temperature,
    one_against_rest,
    reliability,
    tempered,
    top_label,
)
from levelset.theory.calibration import BinningName

both_binnings = pytest.mark.parametrize("binning", ["equal_width", "equal_count"])


def calibrated(rows: int, classes: int = 3, seed: int = 0) -> Predicted:
    """Probabilities, and labels that come exactly as often as they say."""
    generator = stream(seed, "calibrated", rows, classes)
    q = generator.dirichlet(np.ones(classes), size=rows)
    return Predicted(q, (q.cumsum(axis=1) < generator.random((rows, 1))).sum(axis=1))


def too_sure(rows: int, temperature: float = 3.0, seed: int = 0) -> Predicted:
    q, labels = calibrated(rows, seed=seed)
    return Predicted(tempered(q, 1.0 / temperature), labels)


@both_binnings
class TestMeasure:
    def measure(self, predicted: Predicted, binning: BinningName, **options):
        return measure_calibration(
            predicted, generator=stream(0, "labels"), binning=binning, **options
        )

    def test_tables_are_those_of_theory(self, binning: BinningName) -> None:
        q, labels = too_sure(300)
        found = self.measure(Predicted(q, labels), binning, bins=8, level=0.9)
        top = reliability(*top_label(q, labels), bins=8, binning=binning, level=0.9)
        np.testing.assert_allclose(found.top_label.observed, top.observed)
        np.testing.assert_allclose(found.top_label.low, top.low)
        errors = [
            reliability(*one_against_rest(q, labels, c), bins=8, binning=binning).error
            for c in range(3)
        ]
        assert [table.error for table in found.classwise] == pytest.approx(errors)
        assert found.classwise_error == pytest.approx(np.mean(errors))
        assert (found.n, found.bins, found.binning) == (300, 8, binning)
        assert found.top_label.counts.sum() == 300

    def test_scores_are_scikit_learn_s(self, binning: BinningName) -> None:
        q, labels = too_sure(200)
        found = self.measure(Predicted(q, labels), binning)
        brier = brier_score_loss(labels, q, labels=range(3), scale_by_half=False)
        assert found.brier.score == pytest.approx(brier, rel=1e-12)
        assert found.log_loss.score == pytest.approx(log_loss(labels, q), rel=1e-12)

    def test_scores_sum(self, binning: BinningName) -> None:
        found = self.measure(too_sure(200), binning)
        for parts in (found.brier, found.log_loss):
            three = parts.reliability - parts.generalized_resolution + parts.uncertainty
            assert three == pytest.approx(parts.score, rel=0.0, abs=1e-10)

    def test_finds_a_network_that_is_too_sure(self, binning: BinningName) -> None:
        found = self.measure(too_sure(400), binning)
        assert found.p_value == pytest.approx(1 / 201)  # no draw of 200 has so large an error
        assert found.top_label.error > 3 * found.error_if_calibrated

    def test_does_not_blame_calibrated_networks(self, binning: BinningName) -> None:
        found = [self.measure(calibrated(150, seed=seed), binning) for seed in range(40)]
        p_values = np.array([one.p_value for one in found])
        assert (p_values <= 0.1).mean() == pytest.approx(0.1, abs=0.1)
        errors = np.mean([one.top_label.error for one in found])
        expected = np.mean([one.error_if_calibrated for one in found])
        assert errors == pytest.approx(expected, rel=0.1)
        assert errors > 0.03  # of 150 rows, even calibrated ones seem to be off

    def test_reads_what_a_fleet_predicts(self, binning: BinningName) -> None:
        x = stream(0, "x").normal(size=(200, 2))
        y = (x[:, 0] + stream(0, "y").normal(size=200) > 0).astype(int)
        fleet = Fleet([Member(Recipe(hidden=(8,), epochs=5))], x[:100], y[:100])
        fleet.run()
        found = self.measure(Predicted(fleet.predict_proba(x[100:])[0], y[100:]), binning)
        assert 0.0 < found.top_label.error < 0.5
        assert len(found.classwise) == 2


class TestTemperatureGain:
    def gain(self, validation: Predicted, test: Predicted | None = None, **options):
        return temperature_gain(validation, test, generator=stream(0, "gain"), **options)

    def test_is_the_difference_of_log_losses(self) -> None:
        validation, test = too_sure(400), too_sure(300, seed=1)
        found = self.gain(validation, test)
        temperature = fit_temperature(*validation)
        after = tempered(test.probabilities, temperature)
        before_loss = log_loss(test.labels, test.probabilities)
        after_loss = log_loss(test.labels, after)
        assert found.temperature == pytest.approx(temperature, rel=1e-9)
        assert found.log_loss_before == pytest.approx(before_loss, rel=1e-12)
        assert found.log_loss_after == pytest.approx(after_loss, rel=1e-12)
        assert found.gain.estimate == pytest.approx(before_loss - after_loss, rel=1e-10)
        assert (found.gain.n, found.cross_fitted, found.at_bound) == (300, False, False)

    def test_mends_a_network_that_is_too_sure(self) -> None:
        found = self.gain(too_sure(2000), too_sure(2000, seed=1))
        assert found.temperature == pytest.approx(3.0, rel=0.15)
        assert found.gain.low > 0.0
        assert found.error_after < 0.5 * found.error_before

    def test_gains_nothing_where_nothing_is_wrong(self) -> None:
        found = self.gain(calibrated(2000), calibrated(2000, seed=1))
        assert found.temperature == pytest.approx(1.0, abs=0.15)
        assert found.gain.low < 0.002
        assert abs(found.gain.estimate) < 0.005

    def test_cross_fits_without_test_rows(self) -> None:
        validation = too_sure(600)
        found = self.gain(validation)
        assert found.cross_fitted
        assert found.temperature == pytest.approx(fit_temperature(*validation), rel=1e-9)
        assert found.gain.n == 600
        assert found.gain.low > 0.0
        # Fitted and measured on the same rows, the gain would be larger.
        optimistic = self.gain(validation, validation)
        assert optimistic.gain.estimate > found.gain.estimate

    def test_error_is_that_of_15_bins_of_equal_width(self) -> None:
        q, labels = too_sure(300)
        found = self.gain(Predicted(q, labels), Predicted(q, labels))
        assert found.error_before == reliability(*top_label(q, labels)).error
        scores, events = top_label(tempered(q, found.temperature), labels)
        assert found.error_after == pytest.approx(reliability(scores, events).error, rel=1e-12)

    def test_says_when_no_temperature_is_best(self) -> None:
        right = Predicted(np.array([[0.9, 0.1]] * 20), np.zeros(20, np.int64))
        found = self.gain(right, right)
        assert (found.temperature, found.at_bound) == (TEMPERATURE_BOUNDS[0], True)

    def test_refuses_more_folds_than_rows(self) -> None:
        with pytest.raises(DataError, match="from 2 folds to as many as rows, got 5 folds of 4"):
            self.gain(calibrated(4))


@pytest.mark.parametrize(
    ("predicted", "message"),
    [
        (Predicted(np.ones((2, 3, 2)) / 2, np.zeros(2, int)), "one network's probabilities at a"),
        (Predicted(np.ones((3, 2)) / 2, np.zeros(2, int)), r"got shapes \(3, 2\) and \(2,\); pass"),
        (Predicted(np.ones((2, 2)) / 2, np.zeros(2)), "whole numbers `labels`"),
        (Predicted(np.ones((0, 2)), np.zeros(0, int)), "n >= 1, got"),
        (Predicted(np.ones((2, 2)), np.zeros(2, int)), "sum to 1 in every row, got sums from 2 to"),
        (Predicted(np.full((2, 2), np.nan), np.zeros(2, int)), "leave out a network that diverged"),
        (Predicted(np.ones((2, 2)) / 2, np.array([0, 2])), "`labels` must hold numbers from 0 to"),
    ],
)
def test_refuses_what_is_no_prediction(predicted: Predicted, message: str) -> None:
    for measure in (measure_calibration, temperature_gain):
        with pytest.raises(DataError, match=message):
            measure(predicted, generator=stream(0))


def test_calibration_error_does_not_need_the_bins_to_be_numbered_without_gaps() -> None:
    scores, events = np.array([0.2, 0.4]), np.array([0, 1])
    assert calibration_error(scores, events, np.array([0, 7])) == pytest.approx(0.4)
