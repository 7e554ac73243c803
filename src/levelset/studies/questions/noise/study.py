"""What does noise in training do? The noise study."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from levelset.data import Dataset
from levelset.studies.charts import Chart, Curve, CurveChart, Table
from levelset.studies.choosing import honest_choice, one_standard_error
from levelset.studies.design import Arm, BudgetName, Design, paired_design, replicates_of
from levelset.studies.finding import Finding
from levelset.studies.judgement import METHODS, Comparison, judge
from levelset.studies.limits import as_quantity, below
from levelset.studies.planes import plane_chart
from levelset.studies.questions.noise.losses import (
    DRAWS,
    EXPANSION_DRAWS,
    MOST_ROWS,
    SIGMAS,
    WEIGHT_DRAWS,
    SmallNoise,
    small_noise,
    under_input_noise,
    under_weight_noise,
)
from levelset.studies.results import Results, measured_once
from levelset.studies.study import Study
from levelset.theory import resampled_error
from levelset.theory.numerals import numeral

INPUT_NOISE = (0.05, 0.1, 0.2, 0.5, 1.0)
WEIGHT_NOISE = (0.02, 0.05, 0.1, 0.2)
USUAL_INPUT, USUAL_WEIGHT = 0.5, 0.1
"""Noise under which networks trained with as much are compared with those trained without."""
TEST_SHARE = 0.2
SMALL = SIGMAS[0]
CLOSE = 0.1
"""Share of the expansion by which the measured loss may miss it."""

_INPUT = range(1, 1 + len(INPUT_NOISE))
_WEIGHT = range(1 + len(INPUT_NOISE), 1 + len(INPUT_NOISE) + len(WEIGHT_NOISE))
_SMOOTH = 1 + len(INPUT_NOISE) + len(WEIGHT_NOISE)
_COMPARED = range(_SMOOTH)
_NOISY_INPUT = 1 + INPUT_NOISE.index(USUAL_INPUT)
_NOISY_WEIGHT = 1 + len(INPUT_NOISE) + WEIGHT_NOISE.index(USUAL_WEIGHT)


class NoiseStudy(Study):
    """Train one recipe with noise on its inputs or on its weights; set small noise beside theory.

    Validation rows choose each network's epoch, and test rows judge it. One
    arm more, without noise and with a smooth activation, has the second derivatives that the
    expansion for small noise needs.
    """

    name = "noise"
    question = "What does noise on inputs or weights buy, and is it a penalty on the slope?"

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        return (
            "Some noise on the inputs gives a lower test log loss than none.",
            "Some noise on the inputs, chosen by log loss, gives a higher test accuracy than none.",
            "Some noise on the weights gives a lower test log loss than none.",
            "Some noise on the weights, chosen by log loss, gives a higher test accuracy than "
            "none.",
            f"Trained with noise {USUAL_INPUT:g} on its inputs, a network loses less from such "
            "noise in prediction.",
            f"Trained with noise {USUAL_WEIGHT:g} on its weights, a network loses less from such "
            "noise in prediction.",
            f"Input noise of σ = {SMALL:g} adds to the training loss what the expansion says, σ²/2 "
            f"times the trace of its second derivative, within {CLOSE:.0%}.",
            "Most of that is the gradient penalty: the part with the network's second derivatives "
            "is smaller.",
        )

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """No noise, every noise on inputs, every noise on weights, and a smooth network."""
        base = self.budgeted(budget, len(rows)).changed(
            patience=None, input_noise=0.0, weight_noise=0.0
        )
        arms = [Arm("No noise", base, "no noise")]
        arms += [
            Arm(f"Inputs {sigma:g}", base.changed(input_noise=sigma), f"input noise={sigma:g}")
            for sigma in INPUT_NOISE
        ]
        arms += [
            Arm(f"Weights {sigma:g}", base.changed(weight_noise=sigma), f"weight noise={sigma:g}")
            for sigma in WEIGHT_NOISE
        ]
        smooth = base.changed(activation="tanh", normalization="none", initializer=None, gain=1.0)
        arms.append(Arm("Tanh, no noise", smooth, "tanh"))
        replicates = replicates_of(dataset, rows, budget, seed, TEST_SHARE)
        return paired_design(replicates, arms, keep_best=True)

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge what noise is worth, what it makes robust, and what small noise is."""
        inputs, weights, robust, expanded = (self.claims[k : k + 2] for k in (0, 2, 4, 6))
        comparisons = [
            *_worth(inputs, results, _INPUT, "input noise"),
            *_worth(weights, results, _WEIGHT, "weight noise"),
            *_robustness(robust, results),
            *_expansion(expanded, _small_noise(results)),
        ]
        found = list(judge(comparisons, results.design.test_share))
        found[6] = as_quantity(found[6], CLOSE)
        return tuple(found)

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """Losses over both kinds of noise, small noise beside its expansion, and level sets."""
        arms = results.design.arms
        shown = {arms[arm].name: arm for arm in (0, _NOISY_INPUT, _NOISY_WEIGHT)}
        return (
            _path_chart(results, "inputs", _INPUT, INPUT_NOISE),
            _path_chart(results, "weights", _WEIGHT, WEIGHT_NOISE),
            *_expansion_charts(_small_noise(results)),
            plane_chart("Level sets without noise and with it", results, shown),
        )

    def tables(self, results: Results) -> tuple[Table, ...]:
        """One row per arm; and one per σ of the expansion."""
        return (_arm_table(results), _expansion_table(_small_noise(results)))

    def choice(self, results: Results) -> Mapping[str, Any]:
        """The least noise within one standard error of the lowest mean test loss.

        Among arms with noise, the one of lower loss is taken first.
        """
        loss = results.validation_loss[:, list(_COMPARED)]
        noisy = sorted(_COMPARED[1:], key=lambda arm: float(loss[:, arm].mean()))
        arm = one_standard_error(loss, results.design.test_share, simplest_first=[0, *noisy])
        chosen = results.design.arms[arm].recipe
        return {"input_noise": chosen.input_noise, "weight_noise": chosen.weight_noise}

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        return (
            f"{results.design.methods} Here the rows that judge are test rows: a fifth of each "
            "replicate's rows, which neither train nor choose the epoch; other validation rows do "
            "that. Noise is Gaussian and new in every training step; its unit is a standard "
            "deviation of the inputs, or 1 for weights, whose biases get none. In prediction there "
            f"is none, but where the claims say so: {DRAWS} draws for each row "
            f"({EXPANSION_DRAWS} beside the expansion), {WEIGHT_DRAWS} "
            f"for a network's weights, each with both signs, on at most {MOST_ROWS} rows. The "
            "expansion is that of Bishop (Training with noise is "
            "equivalent to Tikhonov regularization, 1995), for networks of tanh units trained "
            f"without noise, on at most {MOST_ROWS} training rows in double precision: ReLU's "
            f"corners have no second derivative. {METHODS}"
        )


@measured_once
def _small_noise(results: Results) -> SmallNoise:
    return small_noise(results, _SMOOTH)


def _worth(
    claims: Sequence[str], results: Results, arms: range, kind: str
) -> tuple[Comparison, Comparison]:
    """Gains of the best of some arms over none, in loss and accuracy, chosen on the others."""
    lower, better = claims
    loss, accuracy = results.validation_loss, results.validation_accuracy
    chosen = honest_choice(results.judged_rows, arms)
    rows = np.arange(len(loss))
    names = results.design.arms
    often = ", ".join(
        f"{names[arm].name.split()[-1]} ({int((chosen == arm).sum())}×)"
        for arm in np.unique(chosen)
    )
    return (
        Comparison(
            lower,
            f"test loss, best {kind} − none (nats)",
            loss[:, 0] - loss[rows, chosen],
            falls=True,
            note=(
                "Each replicate is judged at the noise that is best on the others, on rows that "
                f"do not judge it, so that choosing cannot flatter it: {often}."
            ),
            subject="log loss",
        ),
        Comparison(
            better,
            f"test accuracy, best {kind} − none",
            accuracy[rows, chosen] - accuracy[:, 0],
            note="The noise of each replicate is that of the claim before.",
            subject="accuracy",
        ),
    )


def _robustness(claims: Sequence[str], results: Results) -> tuple[Comparison, Comparison]:
    on_inputs = [under_input_noise(results, arm, USUAL_INPUT) for arm in (0, _NOISY_INPUT)]
    on_weights = [under_weight_noise(results, arm, USUAL_WEIGHT) for arm in (0, _NOISY_WEIGHT)]
    told = (("inputs", on_inputs), ("weights", on_weights))
    inputs, weights = (
        Comparison(
            claim,
            f"test loss added by noise on {where}, trained with it − without (nats)",
            without - trained,
            falls=True,
            note=(
                f"It adds {numeral(trained.mean(), 3)} nats to the one and "
                f"{numeral(without.mean(), 3)} to the "
                "other."
            ),
        )
        for claim, (where, (without, trained)) in zip(claims, told, strict=True)
    )
    return inputs, weights


def _expansion(claims: Sequence[str], small: SmallNoise) -> tuple[Comparison, Comparison]:
    equal, mostly = claims
    residual = np.maximum(np.abs(small.residual), 1e-12)
    return (
        below(
            CLOSE,
            small.error[:, 0],
            equal,
            "what the expansion misses, as a share of its parts",
            note=f"Some of it is chance: each row is drawn {2 * EXPANSION_DRAWS} times.",
        ),
        Comparison(
            mostly,
            "gradient penalty ÷ size of the other part",
            np.log2(np.maximum(small.gradient_penalty, 1e-12) / residual),
            is_log_ratio=True,
        ),
    )


def _path_chart(results: Results, where: str, arms: range, sigmas: tuple[float, ...]) -> CurveChart:
    training, test = results.training_loss, results.validation_loss
    path = np.array(sigmas)
    level = np.full((1, len(path)), test[:, 0].mean())
    return CurveChart(
        title=f"Loss over noise on the {where}",
        caption=(
            "Both without noise in prediction, at each network's best epoch on the validation rows "
            f"(n = {len(test)}). The level line is the mean test loss without noise."
        ),
        x_label=f"Noise on the {where} σ",
        y_label="Cross-entropy (nats)",
        curves=(
            Curve("Training", path, training[:, list(arms)], "training"),
            Curve("Test", path, test[:, list(arms)], "test"),
            Curve("Test, no noise", path, level, "reference"),
        ),
        x_log=True,
    )


def _expansion_charts(small: SmallNoise) -> tuple[CurveChart, CurveChart]:
    path, n = np.array(SIGMAS), len(small.added)
    losses = CurveChart(
        title="What input noise adds to the training loss of networks trained without",
        caption=(
            "Small noise adds σ²/2 times the trace of the loss's second derivative, of which the "
            f"gradient penalty is one part. Large noise leaves the parabola (n = {n})."
        ),
        x_label="Noise on the inputs σ",
        y_label="Added to the training loss (nats)",
        curves=(
            Curve("Measured", path, small.added, "measured"),
            Curve("Expansion, σ²/2 · trace", path, small.expansion, "expansion"),
            Curve("Gradient penalty alone", path, small.penalty, "gradient penalty"),
        ),
        x_log=True,
        y_log=True,
        band="median and quartiles",
    )
    expansion = np.where(small.expansion == 0.0, np.nan, small.expansion)
    ratios = CurveChart(
        title="Measured over expected",
        caption=f"The ratio goes to 1 as the noise becomes small (n = {n}).",
        x_label="Noise on the inputs σ",
        y_label="Ratio",
        curves=(
            Curve("Measured ÷ expansion", path, small.added / expansion, "expansion"),
            Curve("As expanded", path, np.ones((1, len(path))), "reference"),
        ),
        x_log=True,
        band="median and quartiles",
    )
    return losses, ratios


def _arm_table(results: Results) -> Table:
    n = len(results.records)
    training, test = results.training_loss, results.validation_loss
    rows = tuple(
        (
            arm.name,
            float(training[:, number].mean()),
            float(test[:, number].mean()),
            resampled_error(test[:, number], results.design.test_share),
            float(results.validation_accuracy[:, number].mean()),
        )
        for number, arm in enumerate(results.design.arms)
    )
    columns = ("noise in training", "training loss", "test loss", "standard error", "test accuracy")
    caption = (
        f"Means over {n} replicates; losses in nats, without noise in prediction, at each "
        "network's best epoch. The last arm is for the expansion."
    )
    return Table("Every noise", caption, columns, rows)


def _expansion_table(small: SmallNoise) -> Table:
    rows = tuple(
        (
            f"{sigma:g}",
            float(small.added[:, number].mean()),
            float(small.expansion[:, number].mean()),
            float(small.penalty[:, number].mean()),
            float(small.error[:, number].mean()),
        )
        for number, sigma in enumerate(SIGMAS)
    )
    caption = (
        f"Means over {len(small.added)} replicates, in nats. Missed: the measured less the "
        "expansion, as a share of the sizes of the expansion's two parts."
    )
    columns = ("σ", "measured", "expansion", "gradient penalty alone", "missed")
    return Table("Small input noise beside its expansion", caption, columns, rows)
