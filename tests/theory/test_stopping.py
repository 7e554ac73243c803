from itertools import pairwise

import numpy as np
import pytest

from levelset.errors import DataError
from levelset.seeds import stream
from levelset.theory import early_stopping
from tests.reference.early_stopping import stopping


@pytest.mark.parametrize("patience", [1, 2, 5, 40, None])
@pytest.mark.parametrize("min_delta", [0.0, 0.3])
def test_every_curve_stops_where_the_slow_twin_does(patience, min_delta):
    steps = stream(0, "curves").normal(-0.05, 1.0, (3, 7, 30))
    curves = np.cumsum(steps, axis=-1).round(1)  # rounded, so that there are ties
    given = early_stopping(curves, patience, min_delta)
    for place in np.ndindex(3, 7):
        epochs, best, _ = stopping(curves[place].tolist(), patience, min_delta)
        assert (given.epochs_run[place], given.best_epoch[place]) == (epochs, best)


def test_more_patience_never_stops_earlier_nor_keeps_a_worse_epoch():
    curves = stream(1, "curves").normal(size=(20, 40))
    stops = [early_stopping(curves, patience) for patience in (1, 2, 3, 5, 8, 40, None)]
    for shorter, longer in pairwise(stops):
        assert (shorter.epochs_run <= longer.epochs_run).all()
        kept = [np.take_along_axis(curves, s.best_epoch[:, None], 1) for s in (shorter, longer)]
        assert (kept[0] >= kept[1]).all()


def test_one_curve_has_no_leading_axes():
    stopping_of_one = early_stopping(np.array([1.0, 2.0, 0.5]), 1)
    assert (stopping_of_one.epochs_run, stopping_of_one.best_epoch) == (2, 0)


@pytest.mark.parametrize(
    ("losses", "patience", "min_delta", "message"),
    [
        (np.empty((2, 0)), 1, 0.0, "at least 1 epoch, got 0 epochs and 0 NaN"),
        (np.array([1.0, np.nan]), 1, 0.0, "got 2 epochs and 1 NaN; run to the end"),
        (np.ones(3), 0, 0.0, "`patience` must be >= 1 or None, got 0; None never stops"),
        (np.ones(3), 1, -1.0, "`min_delta` must be >= 0, got -1; 0 counts"),
    ],
)
def test_what_cannot_be_read_is_refused(losses, patience, min_delta, message):
    with pytest.raises(DataError, match=message):
        early_stopping(losses, patience, min_delta)
