"""Names of the faults that are planted, and of those that come along with others."""

UNSCALED = "unscaled inputs"
PLATEAU = "plateau taken for convergence"
VANISHING = "vanishing gradient"
EXPLODING = "exploding gradient"
DEAD = "dead units"
SATURATED = "saturated units"
LOW_RATE = "learning rate too low"
HIGH_RATE = "learning rate too high"
UNDERFIT = "underfitting"
OVERFIT = "overfitting"
IMBALANCE = "class imbalance ignored"
LABELS = "label errors suspected"
LEAKAGE = "train-validation duplicates"
MISCALIBRATED = "miscalibration"
WASTED = "wasted width"
DEEP = "wasted depth"

STALLED = (PLATEAU, UNDERFIT, VANISHING)
UNSETTLED = (
    UNDERFIT,
    DEAD,
    SATURATED,
    OVERFIT,
    MISCALIBRATED,
    PLATEAU,
    WASTED,
    HIGH_RATE,
    EXPLODING,
)
