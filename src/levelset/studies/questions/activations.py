"""Sigmoid or ReLU? The activations study."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from levelset.data import Dataset
from levelset.engine.recipe import ActivationName
from levelset.studies.charts import Chart, Curve, CurveChart, Table
from levelset.studies.choosing import honest_choice, one_standard_error
from levelset.studies.convergence import TARGET_SHARE, epochs_to_target, own_targets
from levelset.studies.design import Arm, BudgetName, Design, paired_design, replicates_of
from levelset.studies.finding import Finding, Subject
from levelset.studies.judgement import METHODS, Comparison, judge
from levelset.studies.planes import plane_chart
from levelset.studies.results import Results
from levelset.studies.study import Study
from levelset.theory.numerals import numeral

COMPARED: tuple[ActivationName, ...] = ("sigmoid", "tanh", "relu")
RELATIVES: tuple[ActivationName, ...] = ("leaky_relu", "elu", "gelu", "silu")
"""Of ReLU, compared with it at one depth."""

DISPLAY: Mapping[str, str] = {
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "relu": "ReLU",
    "leaky_relu": "Leaky ReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "silu": "SiLU",
}
DEPTHS = (1, 3, 6)
MIDDLE = DEPTHS[1]
TEST_SHARE = 0.2


class ActivationsStudy(Study):
    """Compare sigmoid, tanh and ReLU over depth, and ReLU with its relatives at one depth.

    The base recipe gives everything but the activation and the number of hidden layers; its first
    hidden layer gives the width of all. Validation rows choose each network's epoch, and test rows
    judge it.
    """

    name = "activations"
    question = "Sigmoid, tanh or ReLU: which learns faster, which ends lower, and why?"

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        deep = DEPTHS[-1]
        layers = f"With {deep} hidden layers"
        return (
            f"{layers}, sigmoid needs more epochs than ReLU to reach the target loss.",
            f"{layers}, sigmoid needs more epochs than tanh to reach the target loss.",
            f"{layers}, sigmoid's gradient shrinks more on its way to the first layer than ReLU's.",
            f"{layers}, ReLU's test log loss is lower than sigmoid's.",
            f"Going from {DEPTHS[0]} to {deep} hidden layers costs sigmoid more test log loss "
            "than ReLU.",
            f"{layers}, ReLU classifies more test rows rightly than sigmoid.",
            f"With {MIDDLE} hidden layers, the best relative of ReLU has a lower test log loss "
            "than ReLU.",
        )

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Every activation at every depth, and the relatives at one, on every replicate."""
        # Patience would end slow arms early, and slowness is what is measured.
        base = self.budgeted(budget, len(rows)).changed(patience=None)
        width = base.hidden[0] if base.hidden else 64
        pairs = [
            *((activation, depth) for depth in DEPTHS for activation in COMPARED),
            *((activation, MIDDLE) for activation in RELATIVES),
        ]
        arms = tuple(
            Arm(
                name=f"{DISPLAY[activation]} × {depth}",
                recipe=base.changed(
                    activation=activation, hidden=(width,) * depth, learning_rate_factors=None
                ),
                color_key=activation,
            )
            for activation, depth in pairs
        )
        replicates = replicates_of(dataset, rows, budget, seed, TEST_SHARE)
        return paired_design(replicates, arms, keep_best=True)

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge the claims at the greatest depth."""
        deep = DEPTHS[-1]
        epochs, reached = _epochs_to_target(results)
        log_epochs = np.log2(epochs)
        shrinkage = np.log2(_gradient_ratio(results))
        best = results.validation_loss
        sigmoid, tanh, relu = (_arm(name, deep) for name in COMPARED)
        shallow_sigmoid, shallow_relu = _arm("sigmoid", DEPTHS[0]), _arm("relu", DEPTHS[0])
        missed = [
            f"{name} reached it in {int(reached[:, arm].sum())}"
            for name, arm in (("sigmoid", sigmoid), ("tanh", tanh), ("ReLU", relu))
        ]
        censored = (
            f"Of {len(reached)} replicates, {', '.join(missed)}; one that did not counts as the "
            "whole budget of epochs, which moves the ratio towards 1."
        )
        right = results.validation_accuracy
        gain, chosen = _gain_of_relatives(results)
        differences = (
            log_epochs[:, sigmoid] - log_epochs[:, relu],
            log_epochs[:, sigmoid] - log_epochs[:, tanh],
            shrinkage[:, relu] - shrinkage[:, sigmoid],
            best[:, sigmoid] - best[:, relu],
            (best[:, sigmoid] - best[:, shallow_sigmoid]) - (best[:, relu] - best[:, shallow_relu]),
            right[:, relu] - right[:, sigmoid],
            gain,
        )
        return judge(
            [
                Comparison(claim, effect, difference, ratio, falls, note, subject)
                for claim, difference, (effect, falls, ratio, note, subject) in zip(
                    self.claims, differences, _effects(censored, chosen), strict=True
                )
            ],
            results.design.test_share,
        )

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """Curves at each depth, the gradient by layer, and the boundary in a plane."""
        loss = results.over_epochs("validation_loss")
        epochs = np.arange(1.0, loss.shape[-1] + 1)
        targets = _targets(results).mean(axis=0)
        curves = tuple(
            CurveChart(
                title=f"Validation loss with {depth} hidden layer{'s' if depth > 1 else ''}",
                caption=(
                    f"The target loss is {numeral(targets[_arm('relu', depth)], 3)} nats on "
                    "average: most of the way to the lowest that a replicate reaches at this depth."
                ),
                x_label="Epoch",
                y_label="Validation loss (nats)",
                curves=tuple(
                    Curve(DISPLAY[name], epochs, loss[:, _arm(name, depth)], name)
                    for name in COMPARED
                ),
                y_log=True,
            )
            for depth in DEPTHS
        )
        depth = DEPTHS[0]
        relatives = CurveChart(
            title=f"ReLU and its relatives: validation loss with {MIDDLE} hidden layers",
            caption="Same splits, seeds and initial weights.",
            x_label="Epoch",
            y_label="Validation loss (nats)",
            curves=tuple(
                Curve(DISPLAY[name], epochs, loss[:, _arm(name, MIDDLE)], name)
                for name in ("relu", *RELATIVES)
            ),
            y_log=True,
        )
        plane = plane_chart(
            f"Level sets with {depth} hidden layer",
            results,
            {DISPLAY[name]: _arm(name, depth) for name in COMPARED},
        )
        return (*curves, _gradient_chart(results), relatives, plane)

    def tables(self, results: Results) -> tuple[Table, ...]:
        """One row per arm."""
        n = len(results.records)
        epochs, reached = _epochs_to_target(results)
        best, test = _best_loss(results), results.validation_loss
        last = results.over_epochs("validation_loss")[:, :, -1]
        ratio = _gradient_ratio(results)
        dead, saturated = (
            _last_units(results, field) for field in ("dead_share", "saturated_share")
        )
        rows = tuple(
            (
                arm.name,
                f"{int(reached[:, number].sum())} of {n}",
                float(np.exp2(np.log2(epochs[:, number]).mean())),
                float(best[:, number].mean()),
                float(last[:, number].mean()),
                float(test[:, number].mean()),
                float(np.exp2(np.log2(ratio[:, number]).mean())),
                float(dead[:, number].mean()),
                float(saturated[:, number].mean()),
            )
            for number, arm in enumerate(results.design.arms)
        )
        columns = (
            "network",
            "reached",
            "epochs",
            "best loss",
            "last loss",
            "test loss",
            "gradient",
            "dead",
            "saturated",
        )
        caption = (
            f"Means over {n} replicates (geometric for epochs and gradients). Reached: replicates "
            "that reached the target; epochs: until then, or the whole budget. Losses are those of "
            "the validation rows in nats, at the best and the last epoch, and of the test rows at "
            "the best. Gradient: the first "
            "layer's over the last's, root mean squares over their weights in the first epoch. "
            "Dead units and saturated outputs are shares in the last epoch, over all hidden "
            "layers; only sigmoid and tanh saturate, only ReLU dies."
        )
        return (Table("Every arm", caption, columns, rows),)

    def choice(self, results: Results) -> Mapping[str, Any]:
        """The shallowest arm within one standard error of the lowest mean validation loss.

        Among equally shallow ones it is the one with the lowest.
        """
        loss, arms = _best_loss(results), results.design.arms
        mean = loss.mean(axis=0)
        simplest_first = sorted(
            range(len(arms)), key=lambda arm: (len(arms[arm].recipe.hidden), mean[arm])
        )
        share = results.design.validation_share
        chosen = arms[one_standard_error(loss, share, simplest_first)]
        own = {"activation": chosen.recipe.activation, "hidden": chosen.recipe.hidden}
        # Factors are one for each layer of the base, which has another number of them.
        had_factors = self.recipe.learning_rate_factors is not None
        return own | ({"learning_rate_factors": None} if had_factors else {})

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        width = results.design.arms[0].recipe.hidden[0]
        return (
            f"{results.design.methods} The arms are {len(COMPARED)} activations at {len(DEPTHS)} "
            f"depths, and {len(RELATIVES)} relatives of ReLU at {MIDDLE} hidden layers, {width} "
            "units wide. The rows that judge are test rows: a fifth of each replicate's rows, "
            "which neither train nor choose the epoch; validation rows do that. The best relative "
            "is chosen on the other replicates, by rows that do not judge it. The target loss "
            f"of a replicate and depth lies {TARGET_SHARE:.0%} of the way from the loss of the "
            "class frequencies to the lowest validation loss of any of its networks. "
            f"{METHODS}"
        )


def _arm(activation: ActivationName, depth: int) -> int:
    """Number of an arm, in the order of the design."""
    if activation in RELATIVES:
        return len(DEPTHS) * len(COMPARED) + RELATIVES.index(activation)
    return DEPTHS.index(depth) * len(COMPARED) + COMPARED.index(activation)


def _effects(censored: str, chosen: np.ndarray) -> tuple[tuple[str, bool, bool, str, Subject], ...]:
    """What each claim reports: effect, falls or not, ratio or not, note, subject."""
    counts = {name: int((chosen == _arm(name, MIDDLE)).sum()) for name in RELATIVES}
    relatives = ", ".join(f"{DISPLAY[name]} ({count}×)" for name, count in counts.items() if count)
    best = "test log loss"
    return (
        ("epochs to target, sigmoid ÷ ReLU", False, True, censored, "mechanism"),
        ("epochs to target, sigmoid ÷ tanh", False, True, censored, "mechanism"),
        (
            "first-to-last gradient ratio in the first epoch, ReLU ÷ sigmoid",
            False,
            True,
            "",
            "mechanism",
        ),
        (f"{best}, sigmoid − ReLU (nats)", False, False, "", "log loss"),
        ("rise of test log loss with depth, sigmoid − ReLU (nats)", False, False, "", "log loss"),
        ("test accuracy, ReLU − sigmoid", False, False, "", "accuracy"),
        (
            f"{best}, best relative − ReLU (nats)",
            True,
            False,
            f"Chosen on the other replicates, by rows that do not judge it: {relatives}.",
            "log loss",
        ),
    )


def _gain_of_relatives(results: Results) -> tuple[np.ndarray, np.ndarray]:
    """Loss of ReLU less that of the relative that is best on the other replicates, (r,)."""
    loss = results.validation_loss
    chosen = honest_choice(results.judged_rows, [_arm(name, MIDDLE) for name in RELATIVES])
    return loss[:, _arm("relu", MIDDLE)] - loss[np.arange(len(loss)), chosen], chosen


def _best_loss(results: Results) -> np.ndarray:
    """Validation loss at the best epoch, (r, a)."""
    return results.over_epochs("validation_loss").min(axis=-1)


def _targets(results: Results) -> np.ndarray:
    """The target of each replicate, from its networks of the same depth, (r, a)."""
    loss = results.over_epochs("validation_loss")
    labels = [trial.training.labels for trial in results.design.trials]
    layers = np.array([len(arm.recipe.hidden) for arm in results.design.arms])
    targets = np.empty(loss.shape[:2])
    for depth in DEPTHS:
        targets[:, layers == depth] = own_targets(loss[:, layers == depth], labels)[:, np.newaxis]
    return targets


def _epochs_to_target(results: Results) -> tuple[np.ndarray, np.ndarray]:
    """First epoch (from 1) at or below the target, or the budget; and whether it was reached."""
    loss, targets = results.over_epochs("validation_loss"), _targets(results)
    counted = [epochs_to_target(loss[:, [arm]], targets[:, arm]) for arm in range(loss.shape[1])]
    epochs, reached = (np.concatenate(part, axis=1) for part in zip(*counted, strict=True))
    return epochs, reached


def _gradient_by_layer(results: Results) -> np.ndarray:
    """Root mean square of ∂J/∂W of each layer in the first epoch, (r, a, l); NaN beyond depth."""
    norms = results.over_epochs("gradient_norm")[:, :, 0]
    sizes = np.full(norms.shape[1:], np.nan)
    for number, network in enumerate(results.networks[0]):
        sizes[number, : len(network.weights)] = [weight.size for weight in network.weights]
    return norms / np.sqrt(sizes)


def _gradient_ratio(results: Results) -> np.ndarray:
    """First layer's gradient over the last's, (r, a)."""
    by_layer = _gradient_by_layer(results)
    last = np.array([len(arm.recipe.hidden) for arm in results.design.arms])
    tiny = np.finfo(np.float32).tiny
    first = np.maximum(by_layer[:, :, 0], tiny)
    return first / np.maximum(by_layer[:, np.arange(len(last)), last], tiny)


def _last_units(results: Results, field: str) -> np.ndarray:
    """A share in the last epoch, mean over hidden layers, (r, a); NaN where it does not apply."""
    shares = results.over_epochs(field)[:, :, -1]  # (r, a, l)
    known = ~np.isnan(shares)
    total = np.where(known, shares, 0.0).sum(axis=-1)
    return np.where(known.any(axis=-1), total / np.maximum(known.sum(axis=-1), 1), np.nan)


def _gradient_chart(results: Results) -> CurveChart:
    deep = DEPTHS[-1]
    by_layer = _gradient_by_layer(results)
    layers = np.arange(1.0, deep + 2)
    return CurveChart(
        title=f"Where the gradient goes: {deep} hidden layers, first epoch",
        caption=(
            "Layer 1 is next to the inputs: a line that falls to the left is a gradient that "
            "vanishes on its way back."
        ),
        x_label="Layer",
        y_label="Gradient of a weight (RMS)",
        curves=tuple(
            Curve(DISPLAY[name], layers, by_layer[:, _arm(name, deep), : deep + 1], name)
            for name in COMPARED
        ),
        y_log=True,
    )
