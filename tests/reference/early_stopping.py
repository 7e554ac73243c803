"""When training stops, from the curve of validation losses alone."""

import math


def stopping(losses: list[float], patience: int | None, min_delta: float) -> tuple[int, int, str]:
    """(epochs run, best epoch, reason): the best is any lower loss, a gain lower by min_delta."""
    best_epoch, best, reference, without_gain = -1, math.inf, math.inf, 0
    for epoch, loss in enumerate(losses):
        if loss < best:
            best_epoch, best = epoch, loss
        if loss < reference - min_delta:
            reference, without_gain = loss, 0
        else:
            without_gain += 1
        if patience is not None and without_gain == patience:
            return epoch + 1, best_epoch, "patience"
    return len(losses), best_epoch, "finished"
