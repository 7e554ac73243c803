"""What the sharpness study wants drawn."""

from collections.abc import Callable, Mapping

import numpy as np

from levelset.diagnostics import loss_slice, loss_surface
from levelset.studies.charts import (
    Cloud,
    Curve,
    CurveChart,
    IntervalChart,
    ScatterChart,
    SurfaceChart,
    SurfacePanel,
)
from levelset.studies.points import resampled_point
from levelset.studies.questions.sharpness.minima import log2_sharpness, unsmoothed
from levelset.studies.questions.sharpness.rescaling_attack import Attack
from levelset.studies.results import Results

_SURFACE = np.linspace(-1.0, 1.0, 15)
_SLICE = np.linspace(-1.0, 1.0, 17)


def remedies_chart(results: Results, minima: Mapping[str, np.ndarray]) -> IntervalChart:
    """How much sharper or wider each remedy's minimum is than none, raw and scale-invariant."""
    points = []
    for arm, remedy in list(enumerate(results.design.arms))[1:]:
        for name, words in (("top", "raw"), ("invariant top", "scale-invariant")):
            values = log2_sharpness(minima[name])
            points.append(
                resampled_point(
                    f"{remedy.name}, {words}",
                    values[:, arm] - values[:, 0],
                    results.design.test_share,
                    remedy.color_key,
                    is_log_ratio=True,
                )
            )
    return IntervalChart(
        title="How sharp the minimum is, beside that without a remedy",
        caption=(
            f"Left of the dashed line the minimum is wider. Geometric means, paired, n = "
            f"{len(results.outcomes)}, 95 % intervals, each for itself. Where raw and "
            "scale-invariant sharpness disagree, the size of the weights has changed and not only "
            "the shape of the minimum."
        ),
        x_label="Largest eigenvalue ÷ that without a remedy",
        points=tuple(points),
        reference=1.0,
        x_log=True,
    )


def scatter_chart(results: Results, minima: Mapping[str, np.ndarray]) -> ScatterChart:
    """Scale-invariant sharpness against the gap, one point per network."""
    gap = results.validation_loss - results.training_loss
    beside = gap - gap.mean(axis=1, keepdims=True)
    clouds = tuple(
        Cloud(
            arm.name,
            minima["invariant top"][:, number],
            beside[:, number],
            arm.color_key,
            tuple(f"replicate {replicate + 1}" for replicate in range(len(gap))),
        )
        for number, arm in enumerate(results.design.arms)
    )
    return ScatterChart(
        title="Sharpness against the generalization gap",
        caption=(
            f"Each point is one network (n = {gap.size}), its gap less the mean gap of its "
            "replicate, whose validation rows are easy or hard for all. If wide minima "
            "generalized better, points would rise to the right."
        ),
        x_label="Largest eigenvalue of |θ| H |θ| (nats)",
        y_label="Validation − training loss, beside its replicate's mean (nats)",
        clouds=clouds,
        x_log=True,
    )


def surface_chart(results: Results, rows: np.ndarray, sam: int) -> SurfaceChart:
    """The loss over a plane around two networks of the first replicate."""
    outcome = results.outcomes[0]
    x, labels = outcome.trial.training.x[rows], outcome.trial.training.labels[rows]
    panels = []
    for arm in (0, sam):
        found = loss_surface(
            unsmoothed(outcome.networks[arm]), x, labels, positions=_SURFACE, l2=0.0
        )
        panels.append(
            SurfacePanel(
                results.design.arms[arm].name, found.horizontal, found.vertical, found.losses
            )
        )
    return SurfaceChart(
        title="The loss around the minimum, with plain and with sharpness-aware steps",
        caption=(
            "The training loss of the first replicate's networks, which lie in the middle, along "
            "two random directions; at 1 every unit's weights have moved by as much as they are. "
            "The wider the innermost contours, the wider the minimum."
        ),
        x_label="First direction",
        y_label="Second direction",
        z_label="Training loss (nats)",
        panels=tuple(panels),
        z_log=True,
    )


def slice_chart(results: Results, rows_of: Callable[[int], np.ndarray], sam: int) -> CurveChart:
    """The loss along a random direction from every network of three arms."""
    arms = (0, sam, 2)
    losses = np.empty((len(arms), len(results.outcomes), len(_SLICE)))
    for replicate, outcome in enumerate(results.outcomes):
        rows = rows_of(replicate)
        x, labels = outcome.trial.training.x[rows], outcome.trial.training.labels[rows]
        for number, arm in enumerate(arms):
            network = unsmoothed(outcome.networks[arm])
            found = loss_slice(network, x, labels, positions=_SLICE, seed=replicate, l2=0.0)
            losses[number, replicate] = found.losses
    return CurveChart(
        title="The loss along a random direction",
        caption=(
            "Each network stands at 0; the direction moves every unit in proportion to its "
            f"weights (n = {len(results.outcomes)} replicates). A wider minimum is a flatter bowl."
        ),
        x_label="Distance, in sizes of the weights",
        y_label="Training loss (nats)",
        curves=tuple(
            Curve(
                results.design.arms[arm].name,
                _SLICE,
                losses[number],
                results.design.arms[arm].color_key,
            )
            for number, arm in enumerate(arms)
        ),
        y_log=True,
        band="median and quartiles",
    )


def attack_chart(attack: Attack) -> CurveChart:
    """Raw and scale-invariant sharpness of the same functions at other scales."""
    beside = [values - values[:, [attack.unchanged]] for values in _logs(attack)]
    return CurveChart(
        title="The rescaling attack: the same function, as sharp as one likes",
        caption=(
            "The first layer is multiplied and the next divided, so that no prediction changes. "
            "Raw sharpness does, and says nothing of the function by itself "
            f"(n = {len(attack.log2_raw)})."
        ),
        x_label="Factor on the first layer",
        y_label="Largest eigenvalue, beside that at 1",
        curves=tuple(
            Curve(name, attack.factors, np.exp2(values), key)
            for name, key, values in zip(
                ("Raw", "Scale-invariant"),
                ("raw sharpness", "invariant sharpness"),
                beside,
                strict=True,
            )
        ),
        x_log=True,
        y_log=True,
    )


def _logs(attack: Attack) -> tuple[np.ndarray, np.ndarray]:
    return attack.log2_raw, attack.log2_invariant
