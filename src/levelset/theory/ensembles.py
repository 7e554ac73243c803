"""Ensembles: what averaging the predictions of several networks is sure to gain.

The mean of m networks' probabilities is never worse than the networks are on average, because
squared error and −log are convex. What it gains is how far its members lie apart:

    mean Brier score of the members − Brier score of their mean  =  `squared_spread`
    mean log loss of the members − log loss of their mean  =  `log_loss_gain`  ≥ 0

and with their normalized geometric mean in the place of the mean, the gain in log loss is
`divergence_spread`, whatever the labels.

Networks that differ by their seed alone are independent once the rows are given, so that the
variance of an ensemble's probabilities over seeds is that of one network divided by m.
"""

import numpy as np
from jaxtyping import Float64, Int

from levelset.theory.encoding import one_hot
from levelset.theory.information import log_probabilities


def log_loss_gain(own: Float64[np.ndarray, "m n"]) -> Float64[np.ndarray, " n"]:
    """Measure how much lower the log loss of a mean is than the mean log loss of its members.

    ln((1/m) Σ q_m) − (1/m) Σ ln q_m ≥ 0, and 0 only where all agree

    Args:
        own: q, each member's probability of the class that came, shape (m, n).

    Returns:
        The gain of each row, shape (n,), in nats.

    Example:
        >>> log_loss_gain(np.array([[0.1], [0.9]])).round(4)
        array([0.5108])

    Source: Jensen's inequality; for ensembles Krogh and Vedelsby, "Neural network ensembles, cross
    validation, and active learning", NIPS 7 (1995), with squared error.
    """
    return log_probabilities(own.mean(axis=0)) - log_probabilities(own).mean(axis=0)


def disagreement(choices: Int[np.ndarray, "m n"], classes: int) -> Float64[np.ndarray, " n"]:
    """Measure how often two members choose different classes.

    1 − Σ꜀ m꜀ (m꜀ − 1) / (m (m − 1)), where m꜀ members choose class c

    Args:
        choices: The class that each member chooses, shape (m, n), m ≥ 2.
        classes: c.

    Returns:
        Share of the pairs of different members that disagree, shape (n,).

    Example:
        >>> disagreement(np.array([[0, 1], [0, 1], [0, 2]]), classes=3).round(4)
        array([0.    , 0.6667])

    Source: Kuncheva and Whitaker, "Measures of diversity in classifier ensembles", Machine Learning
    51 (2003), section 2.1, its mean over pairs, with choices in the place of rights and wrongs.
    """
    members = len(choices)
    counts = one_hot(choices, classes).sum(axis=0)
    return 1.0 - (counts * (counts - 1.0)).sum(axis=-1) / (members * (members - 1.0))
