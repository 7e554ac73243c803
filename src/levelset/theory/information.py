"""Entropy and divergence of class probabilities, in nats.

H(p, q) = H(p) + KL(p‖q): the cross-entropy of a prediction q is what the truth p leaves open, which
no network can change, and what q loses beside p. Minimizing one minimizes the other.

The probabilities of classes are a probability mass function; a density is for what varies
continuously, and textbooks' "density" of a class is this mass.
"""

import numpy as np
from jaxtyping import Float64

Probabilities = Float64[np.ndarray, "*n c"]
PerRow = Float64[np.ndarray | np.float64, "*n"]

LEAST_PROBABILITY = float(np.finfo(np.float32).tiny)
"""The least normal number of float32, 1.2e-38: below it a probability counts as this much."""


def log_probabilities(probabilities: Probabilities) -> Probabilities:
    """Take logarithms of probabilities that may have been rounded to zero.

    log max(q, 2⁻¹²⁶)

    A network in float32 that is sure and wrong gives its class a probability of 0 though its logits
    are finite. Counted as the least normal number of float32 it costs 87.3 nats, not infinity.

    Args:
        probabilities: q, shape (..., c).

    Returns:
        Logarithms, finite, shape (..., c).

    Example:
        >>> log_probabilities(np.array([1.0, 0.0])).round(4)
        array([  0.    , -87.3365])

    Source: the bound is that of binary32 in IEEE 754-2019, 2 to the emin = −126.
    """
    return np.log(np.maximum(probabilities, LEAST_PROBABILITY))


def entropy(p: Probabilities) -> PerRow:
    """Measure how much a distribution leaves open.

    H(p) = −Σ꜀ p꜀ log p꜀,  0 log 0 = 0

    Args:
        p: Probabilities that sum to one, shape (..., c).

    Returns:
        H, shape (...), in nats: from 0, of a certainty, to log c, of equal chances.

    Example:
        >>> entropy(np.array([[0.5, 0.5], [1.0, 0.0]])).round(4) + 0.0
        array([0.6931, 0.    ])

    Source: Cover and Thomas, "Elements of Information Theory" (2nd ed., 2006), equation 2.1.
    """
    return -(p * log_probabilities(p)).sum(axis=-1)


def cross_entropy(p: Probabilities, q: Probabilities) -> PerRow:
    """Measure the expected −log q of the class that comes, when classes come with chances p.

    H(p, q) = −Σ꜀ p꜀ log q꜀ = H(p) + KL(p‖q)

    Args:
        p: True probabilities, or one-hot labels, shape (..., c).
        q: Predicted probabilities, shape (..., c); from logits, `softmax_cross_entropy` is exact.

    Returns:
        H(p, q), shape (...), in nats.

    Example:
        >>> float(cross_entropy(np.array([0.0, 1.0]), np.array([0.5, 0.5])).round(4))
        0.6931

    Source: Goodfellow, Bengio and Courville, "Deep Learning" (2016), section 3.13, equation 3.51.
    """
    return -(p * log_probabilities(q)).sum(axis=-1)


def kl_divergence(p: Probabilities, q: Probabilities) -> PerRow:
    """Measure what predicting q costs beside predicting the truth p.

    KL(p‖q) = Σ꜀ p꜀ log(p꜀ / q꜀) ≥ 0, and 0 only where q = p

    Args:
        p: True probabilities that sum to one, shape (..., c).
        q: Predicted probabilities that sum to one, shape (..., c).

    Returns:
        KL, shape (...), in nats.

    Example:
        >>> float(kl_divergence(np.array([0.5, 0.5]), np.array([0.25, 0.75])).round(4))
        0.1438

    Source: Cover and Thomas (2006), equation 2.26.
    """
    return (p * (log_probabilities(p) - log_probabilities(q))).sum(axis=-1)
