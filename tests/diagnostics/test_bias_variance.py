import numpy as np
import pytest
from mlxtend.evaluate import bias_variance_decomp

from levelset.diagnostics.bias_variance import BiasVariance, bias_variance, two_way_design
from levelset.engine import Fleet, Recipe
from levelset.errors import DataError, RecipeError
from levelset.seeds import stream
from levelset.theory import (
    DECOMPOSITIONS,
    Interval,
    one_hot,
    sigmoid,
    softmax,
    squared_error_decomposition,
)

every_loss = pytest.mark.parametrize("loss", DECOMPOSITIONS)

CELLS = softmax(1.5 * stream(0, "cells").normal(size=(6, 3, 20, 3)))
P = stream(0, "truth").dirichlet(np.ones(3), size=20)
LABELS = stream(0, "labels").integers(3, size=20)


def two_classes(yes: np.ndarray) -> np.ndarray:
    return np.stack([1.0 - yes, yes], axis=-1)


def measure(cells: np.ndarray, targets: np.ndarray, loss: str, **options) -> BiasVariance:
    return bias_variance(cells, targets, loss, generator=stream(0, "bootstrap"), **options)


class TestDesign:
    recipe = Recipe(hidden=(4,), epochs=2)

    def design(self, **options):
        arguments = {"resamples": 3, "seeds": (5, 6), "generator": stream(0, "design")} | options
        return two_way_design(self.recipe, 20, **arguments)

    def test_trains_every_resample_with_every_seed(self) -> None:
        design = self.design()
        assert [member.seed for member in design.members] == [5, 6] * 3
        rows = [member.row_numbers() for member in design.members]
        for first, second in zip(rows[::2], rows[1::2], strict=True):
            np.testing.assert_array_equal(first, second)
        assert all(len(own) == 20 and own.min() >= 0 and own.max() < 20 for own in rows)
        assert not np.array_equal(rows[0], rows[2])

    def test_disjoint_samples_share_no_row(self) -> None:
        rows = [member.row_numbers() for member in self.design(sampling="disjoint").members[::2]]
        assert [len(own) for own in rows] == [6, 6, 6]
        assert len(np.unique(np.concatenate(rows))) == 18

    def test_bootstrap_samples_hold_63_percent_of_the_rows(self) -> None:
        design = two_way_design(
            self.recipe, 5000, resamples=4, seeds=(0,), generator=stream(0, "design")
        )
        shares = [len(np.unique(member.rows)) / 5000 for member in design.members]
        assert shares == pytest.approx([1.0 - np.exp(-1.0)] * 4, abs=0.02)

    def test_cells_follow_the_members_of_a_fleet(self) -> None:
        x = stream(0, "x").normal(size=(20, 2))
        design = self.design()
        fleet = Fleet(design.members, x, (x[:, 0] > 0).astype(int))
        fleet.run()
        cells = design.cells(fleet.predict_proba(x))
        assert cells.shape == (3, 2, 20, 2)
        np.testing.assert_array_equal(cells[2, 1], fleet.networks[5].predict_proba(x))

    @pytest.mark.parametrize(
        "options", [{"resamples": 0}, {"seeds": ()}, {"seeds": (1, 1)}], ids=str
    )
    def test_refuses_a_design_without_cells_or_with_a_seed_twice(self, options: dict) -> None:
        with pytest.raises(RecipeError, match="at least 1 resample and 1 seed, every seed once"):
            self.design(**options)

    def test_refuses_more_disjoint_samples_than_rows(self) -> None:
        with pytest.raises(RecipeError, match=r"21 disjoint samples need .* got 20; ask for fewer"):
            self.design(resamples=21, sampling="disjoint")

    def test_refuses_predictions_of_other_members(self) -> None:
        with pytest.raises(DataError, match=r"has 6 members, 3 resamples x 2 seeds, got .* of 5"):
            self.design().cells(np.zeros((5, 20, 2)))


@every_loss
class TestEveryLoss:
    @pytest.mark.parametrize("estimator", ["plain", None])
    @pytest.mark.parametrize("targets", [P, LABELS], ids=["known", "labels"])
    def test_sums(self, loss: str, targets: np.ndarray, estimator: str | None) -> None:
        found = measure(CELLS, targets, loss, estimator=estimator, draws=5)
        terms = found.net_noise.estimate + found.bias.estimate + found.net_variance.estimate
        assert terms == pytest.approx(found.expected_loss.estimate, rel=0.0, abs=1e-10)
        bare = found.noise.estimate + found.bias.estimate + found.variance.estimate
        sums = bare == pytest.approx(found.expected_loss.estimate, rel=0.0, abs=1e-10)
        assert sums == found.terms_sum
        if found.data and found.seed and found.interaction:
            parts = found.data.estimate + found.seed.estimate + found.interaction.estimate
            assert parts == pytest.approx(found.variance.estimate, rel=0.0, abs=1e-10)

    def test_says_what_it_is(self, loss: str) -> None:
        found = measure(CELLS, LABELS, loss, level=0.9, draws=5)
        assert (found.resamples, found.seeds, found.rows) == (6, 3, 20)
        assert (found.noise_known, found.noise.estimate) == (False, 0.0)
        assert measure(CELLS, P, loss, draws=5).noise_known
        assert (found.bias.n, found.bias.level) == (6, 0.9)
        assert found.estimator == ("plain" if loss == "zero_one_domingos" else "corrected")
        assert found.by_row.bias.shape == (20,)
        assert (found.data is None) == (loss == "zero_one_domingos")

    def test_one_seed_leaves_the_variance_whole(self, loss: str) -> None:
        found = measure(CELLS[:, :1], LABELS, loss, draws=5)
        assert (found.data, found.seed, found.interaction) == (None, None, None)
        assert found.parts_by_row is None

    def test_resamples_that_agree_have_intervals_of_no_width(self, loss: str) -> None:
        found = measure(np.repeat(CELLS[:1], 4, axis=0), LABELS, loss, draws=5)
        for interval in (found.expected_loss, found.bias, found.variance):
            assert interval.high - interval.low == pytest.approx(0.0, abs=1e-12)

    def test_reads_float32_as_it_is(self, loss: str) -> None:
        rounded = CELLS.astype(np.float32)
        found, expected = measure(rounded, P, loss, draws=5), measure(CELLS, P, loss, draws=5)
        assert found.bias.estimate == pytest.approx(expected.bias.estimate, abs=1e-6)

    def test_refuses_one_resample_and_diverged_members(self, loss: str) -> None:
        with pytest.raises(DataError, match=r"at least 2 data resamples .* got 1 resamples and 0"):
            measure(CELLS[:1], LABELS, loss)
        diverged = np.where(np.arange(6)[:, None, None, None] == 3, np.nan, CELLS)
        with pytest.raises(
            DataError, match=r"and 180 numbers that .* leave out the whole resample"
        ):
            measure(diverged, LABELS, loss)


class TestIntervals:
    """Networks whose logits have Gaussian effects of data, seed and both, in 4 rows."""

    basis = stream(0, "basis").normal(size=(4, 2))
    p = two_classes(sigmoid(stream(0, "truth").normal(size=4)))

    def draw(self, generator: np.random.Generator, resamples: int, seeds: int) -> np.ndarray:
        shapes = ((resamples, 1), (1, seeds), (resamples, seeds))
        logits = np.full((resamples, seeds, 4), 0.3)
        for scale, shape in zip((0.8, 0.1, 0.4), shapes, strict=True):
            logits = logits + scale * generator.normal(size=(*shape, 2)) @ self.basis.T
        return two_classes(sigmoid(logits))

    @pytest.mark.parametrize("loss", ["brier", "cross_entropy", "zero_one_kohavi_wolpert"])
    def test_hold_the_truth_near_their_level(self, loss: str) -> None:
        generator = stream(0, "coverage", loss)
        truth = measure(self.draw(generator, 3000, 60), self.p, loss, draws=2)
        held = []
        for _ in range(60):
            found = measure(self.draw(generator, 12, 3), self.p, loss, draws=60)
            held.append(
                [
                    inside(getattr(found, name), getattr(truth, name).estimate)
                    for name in ("expected_loss", "bias", "variance", "data", "interaction")
                ]
            )
        coverage = np.mean(held, axis=0)
        assert (coverage >= 0.8).all()
        assert coverage.mean() == pytest.approx(0.94, abs=0.05)


def inside(interval: Interval, value: float) -> bool:
    return interval.low <= value <= interval.high


class Constant:
    """Predicts what its bootstrap sample says of all rows, as scikit-learn would have it."""

    def __init__(self, statistic) -> None:
        self.statistic = statistic
        self.predictions: list[np.ndarray] = []

    def fit(self, x: np.ndarray, y: np.ndarray) -> "Constant":
        self.value = self.statistic(x, y)
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        self.predictions.append(np.array([self.value(row) for row in x]))
        return self.predictions[-1]


class TestBesideMlxtend:
    """mlxtend.evaluate.bias_variance_decomp 0.25, on the predictions that it made itself."""

    x = stream(0, "mlxtend", "x").normal(size=(40, 1))
    numbers = x[:, 0] + stream(0, "mlxtend", "y").normal(size=40)
    labels = (numbers > 0.3).astype(np.int64)

    def run(self, statistic, y: np.ndarray, loss: str) -> tuple[tuple, np.ndarray]:
        model = Constant(statistic)
        theirs = bias_variance_decomp(
            model, self.x, y, self.x, y, loss=loss, num_rounds=9, random_seed=1
        )
        return theirs, np.stack(model.predictions)

    def classify(self) -> tuple[tuple, np.ndarray]:
        """By the sign of a noisy threshold, so that the main prediction is wrong of some rows."""

        def threshold(x: np.ndarray, y: np.ndarray):
            middle = x.mean() + 4.0 * (y.mean() - 0.4)
            return lambda row: int(row[0] > middle)

        return self.run(threshold, self.labels, "0-1_loss")

    def test_squared_error_is_right_but_for_the_correction(self) -> None:
        theirs, predictions = self.run(
            lambda _, y: lambda row: y.mean() + 0.1 * row[0], self.numbers, "mse"
        )
        ours = squared_error_decomposition(
            predictions[:, :, np.newaxis],
            self.numbers[:, np.newaxis],
            np.zeros(40),
            noise_known=False,
        )
        plain = (ours.expected_loss.mean(), ours.bias.mean(), ours.variance.mean())
        assert theirs == pytest.approx(plain, rel=1e-12)
        # It says the plain variance: of 9 rounds, 8/9 of the unbiased one.
        corrected = ours.corrected().variance.mean()
        assert theirs[2] == pytest.approx(corrected * 8 / 9, rel=1e-12)

    def test_zero_one_terms_are_right_but_do_not_sum(self) -> None:
        (loss, bias, variance), predictions = self.classify()
        ours = DECOMPOSITIONS["zero_one_domingos"].decompose(one_hot(predictions, 2), self.labels)
        assert loss == pytest.approx(ours.expected_loss.mean(), rel=1e-12)
        assert bias == pytest.approx(ours.bias.mean(), rel=1e-12)
        assert variance == pytest.approx(ours.variance.mean(), rel=1e-12)
        # Where the main prediction is wrong, variance lowers the loss; it has no such coefficient.
        assert 0.0 < ours.bias.mean() < 1.0
        assert abs(loss - (bias + variance)) > 0.01
        net = (ours.variance_coefficient * ours.variance).mean()
        assert loss == pytest.approx(bias + net, rel=1e-12)

    def test_zero_one_loss_has_another_split_that_sums(self) -> None:
        (loss, bias, variance), predictions = self.classify()
        ours = DECOMPOSITIONS["zero_one_kohavi_wolpert"].decompose(
            one_hot(predictions, 2), self.labels
        )
        assert loss == pytest.approx((ours.bias + ours.variance).mean(), rel=1e-12)
        assert abs(variance - ours.variance.mean()) > 0.001
        assert abs(bias - ours.bias.mean()) > 0.001

    def test_it_calls_noise_bias(self) -> None:
        # Labels are fair coins and every model says class 1: the truth has no bias, mlxtend's ½.
        coins = np.array([0, 1] * 20)
        (_, bias, variance), predictions = self.run(
            lambda _, y: lambda row: int(row.size + y.size > 0), coins, "0-1_loss"
        )
        votes = one_hot(predictions.astype(np.int64), 2)
        truth = np.tile([0.5, 0.5], (40, 1))
        ours = DECOMPOSITIONS["zero_one_kohavi_wolpert"].decompose(votes, truth)
        assert (bias, variance) == (0.5, 0.0)
        assert (ours.noise.mean(), ours.expected_loss.mean()) == (0.25, 0.5)
        domingos = DECOMPOSITIONS["zero_one_domingos"].decompose(votes, truth)
        assert domingos.noise.mean() == 0.5


def test_of_trained_fleets_finds_more_bias_in_a_line_and_more_variance_in_little_data() -> None:
    generator = stream(0, "fleets")
    x = generator.uniform(-2.0, 2.0, size=(700, 2))
    p = two_classes(sigmoid(4.0 * (x[:, 0] ** 2 + x[:, 1] ** 2 - 2.0)))
    y = (generator.random(700) < p[:, 1]).astype(int)
    results = {}
    for name, recipe, rows in (
        ("line", Recipe(hidden=(), epochs=60, learning_rate=0.02), 400),
        ("network", Recipe(hidden=(24,), epochs=60, learning_rate=0.02), 400),
        ("little", Recipe(hidden=(24,), epochs=400, learning_rate=0.02), 60),
    ):
        design = two_way_design(
            recipe, rows, resamples=8, seeds=(0, 1, 2), generator=stream(0, "resamples")
        )
        fleet = Fleet(design.members, x[:rows], y[:rows])
        fleet.run()
        results[name] = measure(design.cells(fleet.predict_proba(x[400:])), p[400:], "brier")
    assert results["line"].bias.low > results["network"].bias.high
    assert results["little"].variance.low > results["network"].variance.high
    little = results["little"]
    assert little.data is not None
    assert little.data.low > 0.0
    assert little.noise_known
    assert little.noise.low == little.noise.high > 0.0
