"""Where does the gradient go? The depth study."""

from collections.abc import Sequence

import numpy as np

from levelset.data import Dataset, stratified_split
from levelset.engine import Recipe
from levelset.seeds import stream
from levelset.studies.charts import Chart, Curve, CurveChart, IntervalChart, Table
from levelset.studies.design import (
    VALIDATION_SHARE,
    Arm,
    BudgetName,
    Design,
    paired_design,
    replicates_of,
)
from levelset.studies.finding import Finding
from levelset.studies.judgement import METHODS, Comparison, judge
from levelset.studies.limits import as_positive_quantity, ratio_below
from levelset.studies.points import resampled_point
from levelset.studies.questions.depth.gradients import (
    CLIPPED,
    DEPTHS,
    EXPLODING,
    MOST_MEASURED,
    PLAIN,
    VANISHING,
    VARIANTS,
    Variant,
    deep_gradients,
    diverged,
    final_accuracy,
    slope_per_layer,
)
from levelset.studies.results import Results
from levelset.studies.study import Study
from levelset.theory.numerals import numeral

DEEP = 16
"""Hidden layers of the networks that are trained for more than an epoch."""
TRAINED = (*VARIANTS, CLIPPED)
MOST_ROWS = 1_000
"""Rows that the study uses of a larger table."""
WIDEST = 32
HALF = 0.5
"""What is left at most, by the first claim, of sigmoid's gradient after one more layer."""
STEPS = 200
"""About as many steps are taken by the networks that are trained."""

_ARMS = range(len(VARIANTS) * len(DEPTHS), len(VARIANTS) * len(DEPTHS) + len(TRAINED))
_SIGMOID, _RELU = PLAIN[0], PLAIN[2]
_TIMES_4, _BATCH, _, _RESIDUAL = VANISHING
_TIMES_2, _TIMES_2_LAYER = EXPLODING[1], EXPLODING[3]


class DepthStudy(Study):
    """Measure the gradient of untrained networks at every depth, and train deep ones by SGD.

    Every variant of the network stands at every depth, for its gradient before training, and once
    more at one depth, to be trained. The optimizer is SGD, in which the size of the gradient is
    the size of the step: Adam divides by it, and hides what is studied here.
    """

    name = "depth"
    question = "Where does the gradient go in deep networks, and what keeps it?"

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        deep = f"At {DEEP} layers"
        return (
            "With sigmoid, each further hidden layer leaves less than half of the first layer's "
            "gradient.",
            "With sigmoid, each further hidden layer leaves less of it than with ReLU.",
            f"{deep}, batch normalization gives sigmoid's first layer more gradient.",
            f"{deep}, residual connections give sigmoid's first layer more gradient.",
            f"{deep}, weights that start four times as large, against σ' ≤ ¼, give it more too.",
            f"{deep}, batch normalization lets sigmoid networks learn more by SGD.",
            f"{deep}, weights that start twice as large as He's make ReLU's first gradient larger.",
            f"{deep}, layer normalization makes that gradient smaller.",
            f"{deep}, clipping that gradient keeps SGD from diverging.",
        )

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Every variant at every depth for one epoch, and at one depth for more."""
        used = _some(dataset, rows, seed)
        width = min(self.recipe.hidden[0] if self.recipe.hidden else WIDEST, WIDEST)
        base = Recipe(optimizer="sgd", learning_rate=0.01, batch_size=self.recipe.batch_size)
        batches = -(-round(len(used) * (1 - VALIDATION_SHARE)) // base.batch_size)
        given = "epochs" in self.recipe.model_fields_set
        epochs = self.recipe.epochs if given else max(5, min(30, STEPS // batches))

        def arm(name: str, variant: Variant, depth: int, epochs: int) -> Arm:
            fields = {"hidden": (width,) * depth, "epochs": epochs, **variant.fields}
            return Arm(name, base.changed(**fields), variant.color_key)

        arms = [arm(f"{one.name}, {n} layers", one, n, 1) for one in VARIANTS for n in DEPTHS]
        arms += [arm(one.name, one, DEEP, epochs) for one in TRAINED]
        return paired_design(
            replicates_of(dataset, used, budget, seed),
            arms,
            keep_best=False,
            snapshots=(0,),
            may_diverge=True,
        )

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge the claims on gradients before training, and on what is learned with them."""
        comparisons = [
            *self._vanishing(results),
            _learning(self.claims[5], results, _BATCH, _SIGMOID),
            *self._exploding(results),
            _surviving(self.claims[8], results, CLIPPED, _TIMES_2),
        ]
        first, *others = judge(comparisons, results.design.test_share)
        return (as_positive_quantity(first, HALF), *others)

    def _vanishing(self, results: Results) -> list[Comparison]:
        ratio = np.log2(deep_gradients(results).ratio)
        slope = np.asarray(slope_per_layer(ratio))
        sigmoid, relu = (slope[:, VARIANTS.index(one)] for one in (_SIGMOID, _RELU))
        kept = ratio[:, :, DEPTHS.index(DEEP)]
        without = kept[:, VARIANTS.index(_SIGMOID)]
        shrinking, more_than_relu, *given_back = self.claims[:5]
        cures = zip(given_back, (_BATCH, _RESIDUAL, _TIMES_4), strict=True)
        return [
            ratio_below(
                HALF,
                sigmoid,
                shrinking,
                "first layer's gradient over the last's, left of it per layer (geometric mean)",
                note="The bound is ¼, of σ' alone; weights may add to it or take from it.",
            ),
            Comparison(
                more_than_relu,
                "first layer's gradient over the last's, left of it per layer, sigmoid ÷ ReLU",
                relu - sigmoid,
                is_log_ratio=True,
                falls=True,
            ),
            *(
                Comparison(
                    claim,
                    "first layer's gradient over the last's, with ÷ without",
                    kept[:, VARIANTS.index(cure)] - without,
                    is_log_ratio=True,
                )
                for claim, cure in cures
            ),
        ]

    def _exploding(self, results: Results) -> list[Comparison]:
        first = np.log2(deep_gradients(results).first)[:, :, DEPTHS.index(DEEP)]
        plain, large, cured = (
            first[:, VARIANTS.index(one)] for one in (_RELU, _TIMES_2, _TIMES_2_LAYER)
        )
        return [
            Comparison(
                self.claims[6],
                "first layer's gradient, twice ÷ He's",
                large - plain,
                is_log_ratio=True,
            ),
            Comparison(
                self.claims[7],
                "first layer's gradient, with ÷ without",
                large - cured,
                is_log_ratio=True,
                falls=True,
            ),
        ]

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """The gradient over depth: as it is, with cures of its vanishing, and exploding."""
        gradients = deep_gradients(results)
        depths = np.array(DEPTHS, dtype=np.float64)
        bound = Curve("(¼)ⁿ", depths, 0.25 ** depths[np.newaxis, :], "reference")
        share = "First layer's gradient ÷ the last's"
        return (
            _depth_chart(
                "The first layer's gradient beside the last's, before training",
                "Sigmoid's falls as (¼)ⁿ, the product of its largest slopes; tanh's and ReLU's "
                "hardly fall with the initial weights made for them.",
                share,
                (*_curves(PLAIN, gradients.ratio), bound),
            ),
            _depth_chart(
                "What gives sigmoid's first layer its gradient back",
                "Batch normalization and residual connections keep it at any depth; larger "
                "weights and layer normalization slow the fall.",
                share,
                (*_curves((_SIGMOID, *VANISHING), gradients.ratio), bound),
            ),
            _depth_chart(
                "ReLU's first gradient explodes when weights start too large",
                "Twice He's weights double it with every layer, and Glorot's, which are smaller, "
                "let it fade. Normalization takes the scale out; residual connections only add "
                "to it.",
                "First layer's gradient of a weight (RMS)",
                _curves((_RELU, *EXPLODING), gradients.first),
            ),
            _learning_chart(results),
        )

    def tables(self, results: Results) -> tuple[Table, ...]:
        """One row per variant."""
        gradients = deep_gradients(results)
        n, deep = len(gradients.first), DEPTHS.index(DEEP)
        slope = np.exp2(slope_per_layer(np.log2(gradients.ratio)).mean(axis=0))
        ratio, first = (
            np.exp2(np.log2(values[:, :, deep]).mean(axis=0))
            for values in (gradients.ratio, gradients.first)
        )
        accuracy, gone = final_accuracy(results, _ARMS), diverged(results, _ARMS).sum(axis=0)
        rows = []
        for number, variant in enumerate(TRAINED):
            # Clipping leaves the gradient before training as it is.
            own = number if number < len(VARIANTS) else VARIANTS.index(_TIMES_2)
            rows.append(
                (
                    variant.name,
                    float(slope[own]),
                    float(ratio[own]),
                    float(first[own]),
                    float(accuracy[:, number].mean()),
                    f"{int(gone[number])} of {n}",
                )
            )
        caption = (
            f"Means over {n} replicates, geometric for gradients, which are those before training. "
            "Per layer: what one more hidden layer leaves of the first layer's gradient over the "
            f"last's. The other columns are those of {DEEP} hidden layers; accuracy is that on the "
            f"training rows in epoch {results.design.arms[-1].recipe.epochs} of SGD, and that of "
            "the commonest class for a network that diverged."
        )
        columns = ("network", "per layer", "first ÷ last", "first", "accuracy", "diverged")
        return (Table("Every network", caption, columns, tuple(rows)),)

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        trained = results.design.arms[-1].recipe
        rows = len(results.design.trials[0].training)
        return (
            f"{len(VARIANTS)} networks at {len(DEPTHS)} depths, {trained.hidden[0]} units wide, on "
            f"{len(results.records)} replicates: stratified splits of at most {MOST_ROWS:,} rows "
            f"({rows} training rows) with a seed that all networks share. Gradients are root mean "
            f"squares over a layer's weights, before training, on at most {MOST_MEASURED} rows. "
            "The change with depth is the median slope over all pairs of depths (Sen, 1968). "
            f"Networks of {DEEP} hidden layers were then trained for {trained.epochs} epochs by "
            f"SGD (learning rate {numeral(trained.learning_rate)}, momentum {trained.momentum:g}, "
            f"batches of {trained.batch_size}); Adam, which divides by the size of the gradient, "
            "would hide what is compared. Clipping is to a norm of 1. Of the base recipe the first "
            f"hidden layer's width counts, up to {WIDEST}, and the batch size. {METHODS}"
        )


def _some(dataset: Dataset, rows: np.ndarray, seed: int) -> np.ndarray:
    """Take at most `MOST_ROWS` of some rows, stratified."""
    if len(rows) <= MOST_ROWS:
        return rows
    share = MOST_ROWS / len(rows)
    generator = stream(seed, "rows of the depth study")
    split = stratified_split(
        dataset.targets[rows], generator, (share, 0.0, 1 - share), dataset.classes
    )
    return rows[split.training]


def _learning(claim: str, results: Results, cure: Variant, without: Variant) -> Comparison:
    """A claim on what is learned, with the number of networks that diverged without the cure."""
    accuracy, gone = final_accuracy(results, _ARMS), diverged(results, _ARMS).sum(axis=0)
    given, not_given = TRAINED.index(cure), TRAINED.index(without)
    lost = int(gone[not_given])
    return Comparison(
        claim,
        "training accuracy, with − without",
        accuracy[:, given] - accuracy[:, not_given],
        note=f"Without it, {lost} of {len(accuracy)} networks diverged." if lost else "",
    )


def _surviving(claim: str, results: Results, cure: Variant, without: Variant) -> Comparison:
    """A claim on networks that diverge."""
    lost = diverged(results, _ARMS).astype(np.float64)
    accuracy = final_accuracy(results, _ARMS)[:, TRAINED.index(cure)].mean()
    return Comparison(
        claim,
        "share of networks that diverged, with − without",
        lost[:, TRAINED.index(without)] - lost[:, TRAINED.index(cure)],
        falls=True,
        note=f"With it, training accuracy comes to {accuracy:.2f}: that is another question.",
    )


def _curves(variants: Sequence[Variant], values: np.ndarray) -> tuple[Curve, ...]:
    """One curve over depth for each variant: values (r, v, k)."""
    depths = np.array(DEPTHS, dtype=np.float64)
    return tuple(
        Curve(one.name, depths, values[:, VARIANTS.index(one)], one.color_key) for one in variants
    )


def _depth_chart(title: str, caption: str, y_label: str, curves: tuple[Curve, ...]) -> CurveChart:
    return CurveChart(
        title=title,
        caption=caption,
        x_label="Hidden layers n",
        y_label=y_label,
        curves=curves,
        y_log=True,
    )


def _learning_chart(results: Results) -> IntervalChart:
    accuracy = final_accuracy(results, _ARMS)
    labels = results.design.trials[0].training.labels
    commonest = float(np.bincount(labels).max() / len(labels))
    gone = diverged(results, _ARMS).sum(axis=0)
    points = []
    for number, variant in enumerate(TRAINED):
        told = f"{variant.name} ({gone[number]} diverged)" if gone[number] else variant.name
        share = results.design.test_share
        points.append(resampled_point(told, accuracy[:, number], share, variant.color_key))
    return IntervalChart(
        title=f"What {DEEP} hidden layers learn by SGD",
        caption=(
            f"Training accuracy in epoch {results.design.arms[-1].recipe.epochs} (n = "
            f"{len(accuracy)}, 95 % intervals). The dashed line is the commonest class, which is "
            "all that a network without a gradient learns, and what one that diverged counts as."
        ),
        x_label="Training accuracy",
        points=tuple(points),
        reference=commonest,
    )
