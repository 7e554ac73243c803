"""Faults of the labels: a class that is passed over, and labels that look wrong."""

import numpy as np
from jaxtyping import Float, Int

from levelset.diagnostics.faults.case import Case
from levelset.diagnostics.faults.diagnosis import Diagnosis, Evidence, Remedy, above, below
from levelset.diagnostics.losses import class_balanced_mean, row_losses
from levelset.theory.statistics import wilson_interval

IMBALANCE = 4.0
"""Rows of the largest class over rows of the smallest."""
RECALL = 0.6
"""Share of the smallest class's rows that are recognized."""
WRONG = 0.02
"""Share of confidently predicted rows with another label, lower end of its interval."""
EVENNESS = 0.4
"""The same share over that of all rows: 1 if labels are wrong anywhere, 0 if classes overlap."""
SKILL = 0.5
"""(accuracy − largest class) / (1 − largest class) of the reference."""

_CONTRADICTED = "labels contradicted among the surest third of rows, lower end (Wilson, 95 %)"
_CONFIDENT = "suspected rows (confident learning; Northcutt, Jiang and Chuang, 2021)"


def imbalance_ignored(case: Case) -> Diagnosis | None:
    """Find a small class that the networks pass over."""
    counts = np.bincount(case.y, minlength=case.classes)
    present = np.flatnonzero(counts)
    small, large = int(present[counts[present].argmin()]), int(counts.argmax())
    ratio = float(counts[large] / counts[small])
    if ratio <= IMBALANCE or case.recipe.class_weight is not None:
        return None
    recall = _recall(case, small)
    largest = _recall(case, large)
    if not recall < RECALL or largest < recall:
        return None
    confidence = "high" if recall < RECALL / 2 else "moderate"
    return Diagnosis(
        "class imbalance ignored",
        (
            above("rows of the largest class / rows of the smallest", ratio, IMBALANCE),
            below(f"share of class {small}'s rows that are recognized", recall, RECALL),
            Evidence(f"the same of class {large}", largest),
        ),
        "The mean loss counts rows, so that a class with few of them weighs little and is given up "
        "where it overlaps with a large one. Accuracy hides this.",
        (
            Remedy(
                "Weigh each class alike in training.", {"class_weight": "balanced"}, balanced=True
            ),
        ),
        confidence,
        case.gain(confidence, _balanced_excess(case)),
    )


def _recall(case: Case, number: int) -> float:
    """Share of a class's rows that the kept networks recognize, of all members.

    Validation rows count alone where there are 10 of the class.
    """
    pairs = [(case.validation_probabilities, case.y_validation)] if case.validates else []
    if not pairs or (pairs[0][1] == number).sum() < 10:
        pairs.append((case.training_probabilities, case.y))
    right = [(q[:, y == number].argmax(-1) == number).ravel() for q, y in pairs]
    return float(np.concatenate(right).mean())


def _balanced_excess(case: Case) -> float:
    if not case.validates or len(np.unique(case.y_validation)) < 2:
        return case.excess
    y = case.y_validation
    losses = np.median(row_losses(case.validation_probabilities, y), axis=0)
    return float(class_balanced_mean(losses, y) - losses.mean())


def wrong_labels(case: Case) -> Diagnosis | None:
    """Find rows whose label a confident out-of-fold prediction contradicts."""
    y = np.concatenate([case.y, case.y_validation])
    q = case.reference.probabilities
    right = q.argmax(axis=1) == y
    largest = float(np.bincount(y).max() / len(y))
    surest = np.argsort(-q.max(axis=1), kind="stable")[: len(y) // 3]
    if (right.mean() - largest) / (1.0 - largest) < SKILL or len(surest) < 20:
        return None
    interval = wilson_interval(int((~right[surest]).sum()), len(surest))
    evenness = interval.estimate / max(float((~right).mean()), 1.0 / len(y))
    if interval.low <= WRONG or evenness <= EVENNESS:
        return None
    doubted = suspected_rows(case)
    confidence = "high" if interval.low > 2 * WRONG else "moderate"
    losses = case.reference.losses[doubted]
    return Diagnosis(
        "label errors suspected",
        (
            above(_CONTRADICTED, interval.low, WRONG),
            above("the share itself / that of all rows", evenness, EVENNESS),
            Evidence("the share itself", interval.estimate),
            Evidence(_CONFIDENT, float(len(doubted))),
        ),
        "Networks that did not see these rows are sure of another class than their label says, and "
        "they are right about nearly all rows of which they are as sure. Either the labels are "
        "wrong, or the columns lack what makes these rows differ.",
        (
            Remedy(
                "Look at the rows; correct their labels or leave them out.", data="drop suspects"
            ),
        ),
        confidence,
        case.gain(confidence, float(losses.sum() / len(y)) if len(doubted) else 0.0),
        tuple(int(row) for row in case.row_numbers[doubted]),
    )


def suspected_rows(case: Case) -> Int[np.ndarray, " k"]:
    """Find the training and then validation rows that `suspects` doubts, as indices into both."""
    return suspects(case.reference.probabilities, np.concatenate([case.y, case.y_validation]))


def suspects(
    probabilities: Float[np.ndarray, "n c"], labels: Int[np.ndarray, " n"]
) -> Int[np.ndarray, " k"]:
    """Find labels that out-of-fold predictions contradict with confidence, the worst first.

    t_j = mean of q_ij over rows i labeled j;  row i with label y is suspected if the class j of the
    largest q_ij ≥ t_j is not y.

    Args:
        probabilities: q, by networks that did not see the row, shape (n, c).
        labels: y, shape (n,).

    Returns:
        Row numbers, the largest −ln q_y first.

    Example:
        >>> q = np.array([[0.9, 0.1], [0.7, 0.3], [0.3, 0.7], [0.2, 0.8], [0.85, 0.15]])
        >>> suspects(q, np.array([0, 0, 1, 1, 1]))  # t = (0.8, 0.55)
        array([4])

    Source: Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in dataset
    labels", JAIR 70 (2021), equations 1 and 2.
    """
    classes = range(probabilities.shape[1])
    own = [probabilities[labels == c, c] for c in classes]
    thresholds = np.array([q.mean() if q.size else 2.0 for q in own])  # 2: no row, never passed
    passing = np.where(probabilities >= thresholds, probabilities, -1.0)
    found = np.where(passing.max(axis=1) >= 0, passing.argmax(axis=1), labels)
    doubted = np.flatnonzero(found != labels)
    return doubted[np.argsort(-row_losses(probabilities, labels)[doubted], kind="stable")]
