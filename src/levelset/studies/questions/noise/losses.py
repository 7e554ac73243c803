"""What noise on inputs or on weights does to the loss of trained networks."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64

from levelset.diagnostics.losses import row_losses
from levelset.diagnostics.network import logits_by_the_core, theory_of
from levelset.engine import Network
from levelset.seeds import stream
from levelset.studies.results import Results
from levelset.theory import (
    noise_penalty,
    one_hot,
    softmax_cross_entropy,
)

SIGMAS = (0.01, 0.03, 0.1, 0.3, 1.0)
"""Standard deviations of input noise at which the loss is set beside its expansion."""
MOST_ROWS = 64
"""Rows of a replicate on which noise is drawn."""
DRAWS = 64
"""Draws of noise for each judged row; each is used with both signs."""
EXPANSION_DRAWS = 256
"""The same for the training rows on which small noise is set beside its expansion: what it adds is
a hundredth of what it moves."""
WEIGHT_DRAWS = 16
"""Draws of noise for the weights of a network; each is used with both signs."""


@dataclass(frozen=True, eq=False)
class SmallNoise:
    """What input noise adds to the training loss, and the expansion of it, by replicate.

    Attributes:
        added: E ℓ(x + σ ε) − ℓ(x), the mean over rows, (r, s), for σ of `SIGMAS`, in nats.
        gradient_penalty: Mean of Σ_k J_kᵀ (diag(q) − q qᵀ) J_k over the rows, (r,).
        residual: Mean of the other part of tr ∂²ℓ/∂x² over the rows, (r,).
    """

    added: Float64[np.ndarray, "r s"]
    gradient_penalty: Float64[np.ndarray, " r"]
    residual: Float64[np.ndarray, " r"]

    @property
    def expansion(self) -> Float64[np.ndarray, "r s"]:
        """(σ²/2) tr ∂²ℓ/∂x², in nats."""
        return self._half_squares * (self.gradient_penalty + self.residual)[:, np.newaxis]

    @property
    def penalty(self) -> Float64[np.ndarray, "r s"]:
        """σ²/2 times the gradient penalty alone, in nats."""
        return self._half_squares * self.gradient_penalty[:, np.newaxis]

    @property
    def error(self) -> Float64[np.ndarray, "r s"]:
        """|added − expansion| beside the sum of the sizes of the expansion's two parts."""
        parts = self.gradient_penalty + np.abs(self.residual)
        size = self._half_squares * np.maximum(parts, 1e-300)[:, np.newaxis]
        return np.abs(self.added - self.expansion) / size

    @property
    def _half_squares(self) -> np.ndarray:
        return np.array(SIGMAS) ** 2 / 2.0


def small_noise(results: Results, arm: int) -> SmallNoise:
    """Measure what input noise adds to the training loss of an arm's networks, in float64.

    Args:
        results: Of a paired design.
        arm: Number of an arm without normalization.
    """
    added, penalties, residuals = [], [], []
    for outcome in results.outcomes:
        trial, network = outcome.trial, outcome.networks[arm]
        assert isinstance(trial.classes, int)
        x = trial.training.x[:MOST_ROWS].astype(np.float64)
        targets = one_hot(trial.training.labels[:MOST_ROWS], trial.classes)
        seed = int(trial.members[arm].seed)
        added.append([_added(network, x, targets, sigma, seed) for sigma in SIGMAS])
        architecture, parameters, _ = theory_of(network)
        parts = noise_penalty(architecture, parameters, x, targets)
        penalties.append(parts.gradient_penalty.mean())
        residuals.append(parts.residual.mean())
    return SmallNoise(np.array(added), np.array(penalties), np.array(residuals))


def _added(network: Network, x: np.ndarray, targets: np.ndarray, sigma: float, seed: int) -> float:
    """Mean loss of noisy rows less that of the rows; each draw with both signs.

    The first order of the two signs cancels, and with it most of the draws' error. Every σ has the
    same draws, so that what changes with it is not chance.
    """
    noise = sigma * stream(seed, "small noise").standard_normal((EXPANSION_DRAWS, *x.shape))
    logits = logits_by_the_core(network)
    noisy = [_loss(logits, x + sign * noise, targets) for sign in (1.0, -1.0)]
    return float(np.mean(noisy)) - _loss(logits, x[np.newaxis], targets)


def _loss(logits: Callable[[np.ndarray], np.ndarray], x: np.ndarray, targets: np.ndarray) -> float:
    """Mean loss over several versions of the same rows: x (k, n, d), targets (n, c)."""
    z = logits(x.reshape(-1, x.shape[-1]))
    return float(softmax_cross_entropy(z, np.tile(targets, (len(x), 1))).mean())


def under_input_noise(results: Results, arm: int, sigma: float) -> Float64[np.ndarray, " r"]:
    """Give what noise on the inputs of judged rows adds to the log loss of an arm, in nats.

    Args:
        results: Of a paired design.
        arm: Number of an arm.
        sigma: Standard deviation of the noise, in those of the inputs.
    """
    added = []
    for outcome in results.outcomes:
        rows = outcome.trial.judged
        assert rows is not None
        x, labels = rows.x[:MOST_ROWS], rows.labels[:MOST_ROWS]
        # The same noise for every arm: it is drawn by the replicate's seed.
        generator = stream(int(outcome.trial.members[arm].seed), "noise on inputs")
        noise = sigma * generator.standard_normal((DRAWS, *x.shape)).astype(np.float32)
        both = np.concatenate([x + noise, x - noise])
        network = outcome.networks[arm]
        q = network.predict_proba(both.reshape(-1, x.shape[1])).reshape(*both.shape[:2], -1)
        noisy = row_losses(q, labels).mean()
        added.append(noisy - row_losses(network.predict_proba(x), labels).mean())
    return np.array(added, dtype=np.float64)


def under_weight_noise(results: Results, arm: int, sigma: float) -> Float64[np.ndarray, " r"]:
    """Give what noise on the weights adds to the log loss of an arm on judged rows, in nats.

    Args:
        results: Of a paired design.
        arm: Number of an arm.
        sigma: Standard deviation of the noise on every weight; biases get none.
    """
    added = []
    for outcome in results.outcomes:
        rows = outcome.trial.judged
        assert rows is not None
        x, labels = rows.x[:MOST_ROWS], rows.labels[:MOST_ROWS]
        network = outcome.networks[arm]
        generator = stream(int(outcome.trial.members[arm].seed), "noise on weights")
        total = 0.0
        for _ in range(WEIGHT_DRAWS):
            shifts = [sigma * generator.standard_normal(w.shape) for w in network.weights]
            for sign in (1.0, -1.0):
                noisy = _with_weights(network, [sign * shift for shift in shifts])
                total += row_losses(noisy.predict_proba(x), labels).mean() / (2 * WEIGHT_DRAWS)
        added.append(total - row_losses(network.predict_proba(x), labels).mean())
    return np.array(added, dtype=np.float64)


def _with_weights(network: Network, shifts: list[np.ndarray]) -> Network:
    pairs = zip(network.weights, shifts, strict=True)
    return replace(network, weights=tuple((w + s).astype(w.dtype) for w, s in pairs))
