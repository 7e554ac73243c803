"""Case: a trained fleet of one recipe as the doctor sees it."""

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int

from levelset.diagnostics.faults.diagnosis import WEIGHTS, Confidence
from levelset.diagnostics.faults.reference import Reference, make_reference
from levelset.diagnostics.flow import Flow, gradient_flow
from levelset.diagnostics.losses import row_losses
from levelset.diagnostics.units import dead_units, effective_ranks, saturated_shares
from levelset.engine import Network, Recipe, Record
from levelset.theory import entropy


@dataclass(frozen=True, eq=False)
class Case:
    """Members (m) of one recipe, with the rows they learned from and were validated on.

    Everything below the attributes is computed when it is first asked for. A number of the fleet
    is the median over its members, so that one unlucky seed decides nothing.

    Attributes:
        recipe: Of all members.
        record: What happened.
        networks: What came of it, those of the best epoch where there are validation rows.
        x: Training features as the networks got them, (n, d).
        y: Class numbers of the training rows, (n,).
        x_validation: The same of the validation rows; of no row without them.
        y_validation: Their class numbers.
        classes: c.
        names: Of the features.
        row_numbers: Where the training rows, and then the validation rows, stand in the table.
        sample_weight: Of the training rows in the training loss; None weighs all alike.
        seed: Of the reference and of what the doctor trains.
    """

    recipe: Recipe
    record: Record
    networks: tuple[Network, ...]
    x: Float[np.ndarray, "n d"]
    y: Int[np.ndarray, " n"]
    x_validation: Float[np.ndarray, "v d"]
    y_validation: Int[np.ndarray, " v"]
    classes: int
    names: tuple[str, ...]
    row_numbers: Int[np.ndarray, " _"]
    sample_weight: Float[np.ndarray, " n"] | None = None
    seed: int = 0

    @property
    def validates(self) -> bool:
        """Whether there are validation rows."""
        return len(self.y_validation) > 0

    @cached_property
    def training_probabilities(self) -> np.ndarray:
        """Of the kept networks for the training rows, (m, n, c)."""
        return np.stack([network.predict_proba(self.x) for network in self.networks])

    @cached_property
    def validation_probabilities(self) -> np.ndarray:
        """Of the kept networks for the validation rows, (m, v, c)."""
        return np.stack([network.predict_proba(self.x_validation) for network in self.networks])

    @cached_property
    def training_loss(self) -> float:
        """Mean −ln q_y of the kept networks on the training rows, in nats."""
        return _median(row_losses(self.training_probabilities, self.y).mean(axis=1))

    @cached_property
    def validation_loss(self) -> float:
        """The same on the validation rows; NaN without them."""
        if not self.validates:
            return np.nan
        losses = row_losses(self.validation_probabilities, self.y_validation)
        return _median(losses.mean(axis=1))

    @cached_property
    def frequencies(self) -> np.ndarray:
        """Share of each class among the training rows, (c,)."""
        return np.bincount(self.y, minlength=self.classes) / len(self.y)

    @cached_property
    def prior_loss(self) -> float:
        """H(y) = −Σ f ln f: the loss of predicting the class frequencies, in nats."""
        return float(entropy(self.frequencies))

    @cached_property
    def reference(self) -> Reference:
        """Out-of-fold predictions for the training rows, and then the validation rows."""
        x = np.concatenate([self.x, self.x_validation])
        y = np.concatenate([self.y, self.y_validation])
        return make_reference(x, y, self.classes, self.seed)

    @cached_property
    def reference_loss(self) -> float:
        """Mean loss of the reference on the validation rows, or else on all, in nats."""
        losses = self.reference.losses
        return float((losses[len(self.y) :] if self.validates else losses).mean())

    @property
    def shortfall(self) -> float:
        """Training loss minus the reference's out-of-fold loss on the same rows, over H(y)."""
        reference = float(self.reference.losses[: len(self.y)].mean())
        return (self.training_loss - reference) / self.prior_loss

    @property
    def learnable(self) -> float:
        """1 − reference loss ÷ H(y): the share of the class entropy that can be explained."""
        return 1.0 - self.reference_loss / self.prior_loss

    @property
    def excess(self) -> float:
        """What the networks lose to the reference, in nats; 0 if they lose nothing."""
        own = self.validation_loss if self.validates else self.training_loss
        return max(0.0, own - self.reference_loss)

    def gain(self, confidence: Confidence, nats: float | None = None) -> float:
        """Weigh what curing a fault may save, by default all of the excess, in nats."""
        return WEIGHTS[confidence] * (self.excess if nats is None else max(0.0, nats))

    @cached_property
    def flow(self) -> Flow:
        """Sizes of gradients and updates."""
        return gradient_flow(self.record, self.networks)

    @cached_property
    def dead_shares(self) -> np.ndarray:
        """Share of each hidden layer's units that are dead on the training rows, (m, l)."""
        return np.array(
            [[layer.mean() for layer in dead_units(network, self.x)] for network in self.networks]
        )

    @cached_property
    def saturated_shares(self) -> np.ndarray:
        """Share of each hidden layer's outputs that are saturated on the training rows, (m, l)."""
        return np.array([saturated_shares(network, self.x) for network in self.networks])

    @cached_property
    def effective_ranks(self) -> np.ndarray:
        """Effective rank of each hidden layer on the training rows, (m, l)."""
        return np.array([effective_ranks(network, self.x) for network in self.networks])

    @cached_property
    def last_epochs(self) -> np.ndarray:
        """Number of the last epoch that each member ran, (m,)."""
        return np.maximum(self.record.epochs_run - 1, 0)

    def curve(self, field: str) -> np.ndarray:
        """Give a field of the record as the median over members of each epoch, (e,) or (e, l).

        Epochs that no member ran are left out.
        """
        values = getattr(self.record, field)[:, : int(self.record.epochs_run.max())]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # all NaN: that is the answer
            return np.nanmedian(values.astype(np.float64), axis=0)


def _median(values: np.ndarray) -> float:
    return float(np.median(values))
