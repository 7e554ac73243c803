"""The charts of the weight-penalty study: losses, weights and level sets against λ."""

import numpy as np

from levelset.studies.bending import Bending
from levelset.studies.charts import Curve, CurveChart


def loss_chart(
    penalties: np.ndarray, training: np.ndarray, validation: np.ndarray, chosen: str
) -> CurveChart:
    """Draw training and validation loss, (r, a), against λ, (a,); the first λ is 0.

    Args:
        penalties: λ of each arm.
        training: Training loss of each replicate and arm, in nats.
        validation: The same on validation rows.
        chosen: Name of the arm that the study chooses.
    """
    path = penalties[1:]
    return CurveChart(
        title="Loss against λ, at the end of training",
        caption=(
            "The level line is the mean without a penalty. The one-standard-error choice is "
            f"{chosen}."
        ),
        x_label="Penalty λ",
        y_label="Cross-entropy (nats)",
        curves=(
            Curve("Training", path, training[:, 1:], "training"),
            Curve("Validation", path, validation[:, 1:], "validation"),
            Curve("Validation, λ = 0", path, _level(validation[:, 0], path), "reference"),
        ),
        x_log=True,
        y_log=True,
    )


def norm_chart(penalties: np.ndarray, norm: np.ndarray) -> CurveChart:
    """Draw the weight norm, (r, a), against λ, (a,); the first λ is 0."""
    path = penalties[1:]
    return CurveChart(
        title="Size of the weights against λ, at the end of training",
        caption="The level line is the mean without a penalty.",
        x_label="Penalty λ",
        y_label="Weight norm √Σ‖W‖²",
        curves=(
            Curve("Weight norm", path, norm[:, 1:], "weight norm"),
            Curve("Weight norm, λ = 0", path, _level(norm[:, 0], path), "reference"),
        ),
        x_log=True,
        y_log=True,
    )


def smoothness_charts(
    penalties: tuple[float, ...], bending: Bending
) -> tuple[CurveChart, CurveChart]:
    """Draw curvature and length of the level sets against λ; the first λ is 0."""
    path = np.array(penalties[1:])
    drawn = (
        (
            "How much the level sets bend against λ",
            "Mean curvature (1 / standard deviations)",
            "Curvature",
            bending.curvature_where_found,
        ),
        (
            "How long the level sets are against λ",
            "Length (standard deviations)",
            "Length",
            bending.length,
        ),
    )
    curvature, length = (
        CurveChart(
            title=title,
            caption=(
                "In the plane of the level sets, median over replicates "
                f"(n = {len(values)}). The level line is the median without a penalty."
            ),
            x_label="Penalty λ",
            y_label=label,
            curves=(
                Curve(name, path, values[:, 1:], name.lower()),
                Curve(f"{name}, λ = 0", path, _median_level(values[:, 0], path), "reference"),
            ),
            x_log=True,
            band="median and quartiles",
        )
        for title, label, name, values in drawn
    )
    return curvature, length


def _median_level(values: np.ndarray, path: np.ndarray) -> np.ndarray:
    """The median of the replicates that have a value, once for each λ of a chart: (1, k)."""
    known = values[~np.isnan(values)]
    return np.full((1, len(path)), float(np.median(known)) if len(known) else np.nan)


def _level(values: np.ndarray, path: np.ndarray) -> np.ndarray:
    """The geometric mean of the replicates, once for each λ of a chart: (1, k)."""
    return np.full((1, len(path)), np.exp(np.log(values).mean()))
