"""Every fault, by name: a new one is a function here and its cases in the planted table."""

from collections.abc import Callable, Mapping

from levelset.diagnostics.faults import calibration, fit, gradients, inputs, labels, training, units
from levelset.diagnostics.faults.case import Case
from levelset.diagnostics.faults.diagnosis import Diagnosis

FAULTS: Mapping[str, Callable[[Case], Diagnosis | None]] = {
    "unscaled inputs": inputs.unscaled_inputs,
    "plateau taken for convergence": training.plateau,
    "vanishing gradient": gradients.vanishing_gradient,
    "exploding gradient": gradients.exploding_gradient,
    "dead units": units.dead_units,
    "saturated units": units.saturated_units,
    "learning rate too low": training.rate_too_low,
    "learning rate too high": training.rate_too_high,
    "underfitting": fit.underfitting,
    "overfitting": fit.overfitting,
    "class imbalance ignored": labels.imbalance_ignored,
    "label errors suspected": labels.wrong_labels,
    "train-validation duplicates": inputs.shared_rows,
    "miscalibration": calibration.miscalibration,
    "wasted width": units.wasted_width,
    "wasted depth": units.wasted_depth,
}
