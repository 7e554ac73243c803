"""scikit-learn's `MLPClassifier`, one member after the other in every process."""

import warnings
from typing import Any

import numpy as np
from jaxtyping import Float64

from benchmarks.contestants.contestant import Stack
from benchmarks.shapes import Data, Shape
from benchmarks.workers import Task


def build(shape: Shape, data: Data, settings: dict[str, Any], threads: int) -> Task:
    """Make the trainer."""
    del settings, threads  # one way only; the environment sets the threads
    import sklearn
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore", ConvergenceWarning)
    # The inputs are known to be good: the peer need not pay for checking them.
    sklearn.set_config(assume_finite=True, skip_parameter_validation=True)

    def train(stack: Stack, epochs: int) -> Float64[np.ndarray, " e"]:
        total = np.zeros(epochs)
        for member in stack:
            classifier = MLPClassifier(
                hidden_layer_sizes=shape.hidden,
                activation="relu",
                solver="adam",
                alpha=0.0,
                batch_size=shape.batch,  # pyright: ignore[reportArgumentType]  # stubs see "auto"
                learning_rate_init=1e-3,
                max_iter=epochs,
                shuffle=True,
                random_state=member,
                tol=0.0,
                n_iter_no_change=epochs + 1,
                early_stopping=False,
            )
            classifier.fit(data.features, data.labels)
            total += classifier.loss_curve_
        return total

    return train
