"""MLPClassifier: the engine behind scikit-learn's interface."""

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Shaped
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from levelset.diagnostics import Examination, examine_case
from levelset.diagnostics.faults import Case
from levelset.engine import Fleet, Member, Recipe, Record
from levelset.engine.recipe import (
    ActivationName,
    AveragingName,
    InitializerName,
    MonitorName,
    NormalizationName,
    OptimizerName,
    ScheduleName,
)
from levelset.errors import DataError
from levelset.estimators.parameters import (
    check_ensemble_size,
    check_number_type,
    recipe_of,
    seed_of,
)
from levelset.estimators.rows import ClassWeight, Rows, hold_out, number_classes, row_weights


class MLPClassifier(ClassifierMixin, BaseEstimator):
    """A multilayer perceptron that classifies, or several whose probabilities are averaged.

    Its parameters are the fields of `levelset.Recipe`, with their names, defaults and meanings
    (`heads` left out: it has one softmax head), and those below. As with every network, columns
    should be standardized first: `make_pipeline(StandardScaler(), MLPClassifier())`.

    It passes scikit-learn's suite of checks. One of them asks that a row of weight 3 be as good as
    three equal rows: that holds where a batch is all rows, and cannot where mini-batches are drawn,
    because three rows may fall into three of them.

    Args:
        class_weight: "balanced" as in a Recipe, or weights by label, 1 for labels not named.
        validation_fraction: Share of each class's rows that is held out to validate on after each
            epoch; a network is then that of its best epoch. `patience` and `monitor="accuracy"`
            need it above 0. With 0 all rows are learned from.
        ensemble_size: How many networks are trained, on seeds one after the other.
        random_state: Of the held-out rows and the networks. An integer is the seed of the first
            network, the same as `Member(seed=...)`; None draws one from NumPy's global generator,
            as scikit-learn does.
        dtype: "float32", or "float64" for twice the digits.
        threads: By default the cores that the process may use; the result does not depend on it.
            Pass 1 inside a search that has its own `n_jobs`.

    Attributes:
        classes_: The labels, sorted, (c,).
        n_features_in_: d.
        feature_names_in_: The columns' names, if X was a DataFrame whose columns have texts.
        recipe_: The Recipe of every network.
        networks_: The trained networks, a tuple of `levelset.Network`.
        record_: What happened in training, a `levelset.Record`.
        validation_rows_: Numbers of the rows that were held out, (v,).
        seed_: Of the first network.
        n_iter_: Epochs that the longest-trained network ran.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> X, y = load_iris(return_X_y=True, as_frame=True)
        >>> clf = MLPClassifier(hidden=(16,), epochs=80, random_state=0).fit(X, y)
        >>> bool(clf.score(X, y) > 0.9)
        True
        >>> clf.feature_names_in_[0]
        'sepal length (cm)'
    """

    classes_: np.ndarray
    n_features_in_: int
    feature_names_in_: np.ndarray
    recipe_: Recipe
    networks_: tuple[Any, ...]
    record_: Record
    validation_rows_: np.ndarray
    seed_: int
    n_iter_: int

    def __init__(  # noqa: PLR0913 (scikit-learn reads parameters from the signature)
        self,
        hidden: Any = (64, 64),
        *,
        activation: ActivationName | tuple[ActivationName, ...] = "relu",
        initializer: InitializerName | None = None,
        gain: float = 1.0,
        normalization: NormalizationName = "none",
        residual: bool = False,
        optimizer: OptimizerName = "adam",
        learning_rate: float = 1e-3,
        momentum: float = 0.9,
        nesterov: bool = False,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        schedule: ScheduleName = "constant",
        warmup_epochs: float = 0.0,
        drop_epochs: int = 30,
        drop_factor: float = 0.1,
        learning_rate_factors: tuple[float, ...] | None = None,
        batch_size: int = 32,
        epochs: int = 100,
        l2: float = 0.0,
        weight_decay: float = 0.0,
        gradient_clip: float | None = None,
        dropout: float = 0.0,
        input_dropout: float = 0.0,
        input_noise: float = 0.0,
        weight_noise: float = 0.0,
        mixup: float = 0.0,
        sam_radius: float = 0.0,
        label_smoothing: float = 0.0,
        class_weight: Literal["balanced"] | ClassWeight | None = None,
        averaging: AveragingName = "none",
        average_decay: float = 0.999,
        average_start: float = 0.75,
        monitor: MonitorName = "loss",
        patience: int | None = None,
        min_delta: float = 0.0,
        validation_fraction: float = 0.0,
        ensemble_size: int = 1,
        random_state: int | np.random.RandomState | None = None,
        dtype: Literal["float32", "float64"] = "float32",
        threads: int | None = None,
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.initializer = initializer
        self.gain = gain
        self.normalization = normalization
        self.residual = residual
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.nesterov = nesterov
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.schedule = schedule
        self.warmup_epochs = warmup_epochs
        self.drop_epochs = drop_epochs
        self.drop_factor = drop_factor
        self.learning_rate_factors = learning_rate_factors
        self.batch_size = batch_size
        self.epochs = epochs
        self.l2 = l2
        self.weight_decay = weight_decay
        self.gradient_clip = gradient_clip
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.input_noise = input_noise
        self.weight_noise = weight_noise
        self.mixup = mixup
        self.sam_radius = sam_radius
        self.label_smoothing = label_smoothing
        self.class_weight = class_weight
        self.averaging = averaging
        self.average_decay = average_decay
        self.average_start = average_start
        self.monitor = monitor
        self.patience = patience
        self.min_delta = min_delta
        self.validation_fraction = validation_fraction
        self.ensemble_size = ensemble_size
        self.random_state = random_state
        self.dtype = dtype
        self.threads = threads

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "MLPClassifier":
        """Train on rows and their labels.

        Args:
            X: Features, shape (n, d): an array or a DataFrame of finite numbers.
            y: Labels, shape (n,): numbers, texts or booleans.
            sample_weight: Weight of each row in the training loss, shape (n,), >= 0; None weighs
                all alike. Validation counts every row once.

        Returns:
            Itself.

        Raises:
            ValueError: If the rows cannot be used (a DataError where scikit-learn does not speak
                first).
            RecipeError: If a parameter is wrong.

        Warns:
            ConvergenceWarning: If a network diverged.
        """
        recipe = recipe_of(self.get_params(deep=False))
        size, dtype = check_ensemble_size(self.ensemble_size), check_number_type(self.dtype)
        x, labels = self._checked(X, y, np.dtype(dtype), reset=True)
        check_classification_targets(labels)
        self.classes_, codes = number_classes(labels)
        rows = Rows(x, codes, self._weights(sample_weight, codes))
        seed = seed_of(self.random_state)
        training, held_out = hold_out(rows, self.validation_fraction, self.classes_, seed)
        learned, validation = rows.part(training), rows.part(held_out)
        fleet = Fleet(
            [Member(recipe, seed=seed + number) for number in range(size)],
            learned.x,
            learned.codes,
            validation=(validation.x, validation.codes) if len(held_out) else None,
            sample_weight=learned.weights,
            classes=len(self.classes_),
            dtype=dtype,
            threads=self.threads,
        )
        fleet.run()
        # Without the name of this machine's instruction set they predict on any other, unpickled.
        self.networks_ = tuple(replace(network, instruction_set="") for network in fleet.networks)
        self.record_ = fleet.record
        self.recipe_, self.seed_, self.validation_rows_ = recipe, seed, held_out
        self.n_iter_ = int(self.record_.epochs_run.max())
        self._digest = rows.digest
        _warn_of_divergence(self.record_)
        return self

    def predict_proba(self, X: Any) -> Float[np.ndarray, "n c"]:
        """Give the class probabilities of each row, the mean over networks.

        Args:
            X: Features, shape (n, d).

        Returns:
            Probabilities in the order of `classes_`, shape (n, c). Where a network diverged so far
            that it gives no finite number, it counts as 1/c.

        Raises:
            NotFittedError: Before `fit`.
            ValueError: If the rows are not of the columns it was fitted on.
        """
        check_is_fitted(self)
        x: Any = validate_data(self, X, dtype=self.networks_[0].dtype, order="C", reset=False)
        total = np.zeros((len(x), len(self.classes_)), x.dtype)
        for network in self.networks_:
            own = network.predict_proba(x)
            total += np.where(np.isfinite(own), own, 1.0 / len(self.classes_))
        return total / len(self.networks_)

    def predict(self, X: Any) -> Shaped[np.ndarray, " n"]:
        """Give the label of the largest probability of each row.

        Args:
            X: Features, shape (n, d).

        Returns:
            Labels, shape (n,).

        Raises:
            NotFittedError: Before `fit`.
            ValueError: If the rows are not of the columns it was fitted on.
        """
        numbers = self.predict_proba(X).argmax(axis=1)
        return self.classes_[numbers]

    def diagnose(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        prove: bool = False,
        replicates: int = 8,
    ) -> Examination:
        """Look for faults in what was fitted, as `levelset.diagnose` does in a fleet.

        It needs the rows again that it was fitted on, because it keeps networks and their record
        and no data: it stays small, can be pickled, and gives nobody's rows away. Nothing is
        trained again but a reference to compare with, and what a proof needs. In a pipeline, give
        the last step what it was given: `pipe[-1].diagnose(pipe[:-1].transform(X), y)`.

        Without `validation_fraction`, overfitting, miscalibration and duplicates cannot be seen.

        Args:
            X: The features it was fitted on, shape (n, d).
            y: The labels it was fitted on, shape (n,).
            sample_weight: The weights it was fitted with.
            prove: Whether to train with and without each remedy, on paired seeds.
            replicates: Seeds of a proof.

        Returns:
            The faults found (`diagnoses`), the largest expected gain first, and the proofs;
            printed, it is a text to read.

        Raises:
            NotFittedError: Before `fit`.
            DataError: If the rows are others than those it was fitted on.

        Example:
            >>> from sklearn.datasets import load_wine
            >>> X, y = load_wine(return_X_y=True)
            >>> clf = MLPClassifier((16,), epochs=20, validation_fraction=0.25, random_state=0)
            >>> [found.fault for found in clf.fit(X, y).diagnose(X, y).diagnoses][0]
            'unscaled inputs'
        """
        check_is_fitted(self)
        rows = self._rows_again(X, y, sample_weight)
        numbers = np.arange(len(rows.codes))
        training = np.setdiff1d(numbers, self.validation_rows_)
        learned, validation = rows.part(training), rows.part(self.validation_rows_)
        case = Case(
            recipe=self.recipe_,
            record=self.record_,
            networks=self.networks_,
            x=learned.x,
            y=learned.codes,
            x_validation=validation.x,
            y_validation=validation.codes,
            classes=len(self.classes_),
            names=self._names(),
            row_numbers=np.concatenate([training, self.validation_rows_]),
            sample_weight=learned.weights,
            seed=self.seed_,
        )
        return examine_case(case, prove_remedies=prove, replicates=replicates)

    def _weights(self, sample_weight: object, codes: np.ndarray) -> np.ndarray | None:
        by_class = self.class_weight if isinstance(self.class_weight, Mapping) else None
        return row_weights(sample_weight, by_class, self.classes_, codes)

    def _checked(
        self, X: Any, y: Any, dtype: np.dtype, *, reset: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """Check arrays as scikit-learn does; `reset` makes a note of the columns."""
        checked: Any = validate_data(self, X, y, dtype=dtype, order="C", reset=reset)
        return checked

    def _rows_again(self, X: object, y: object, sample_weight: object) -> Rows:
        """Read the rows that were fitted once more, and make sure that they are the same."""
        x, labels = self._checked(X, y, self.networks_[0].dtype, reset=False)
        if np.isin(labels, self.classes_).all():
            codes = np.searchsorted(self.classes_, labels)
            rows = Rows(x, codes, self._weights(sample_weight, codes))
            if rows.digest == self._digest:
                return rows
        raise DataError(
            "`diagnose` needs the rows, labels and weights that the classifier was fitted on, in "
            "the same order, got others; pass what `fit` was given, or fit again."
        )

    def _names(self) -> tuple[str, ...]:
        given = getattr(self, "feature_names_in_", None)
        numbered = (f"x{number + 1}" for number in range(self.n_features_in_))
        return tuple(numbered) if given is None else tuple(map(str, given))


def _warn_of_divergence(record: Record) -> None:
    diverged = int((record.diverged_epoch >= 0).sum())
    if diverged:
        warnings.warn(
            f"{diverged} of {len(record.diverged_epoch)} networks diverged: the loss stopped being "
            "a finite number. Standardize the columns, lower `learning_rate`, or ask "
            "`diagnose(X, y)`.",
            ConvergenceWarning,
            stacklevel=3,
        )
