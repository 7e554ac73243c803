import numpy as np

from levelset.seeds import stream
from levelset.studies.questions.early_stopping.patience import (
    Curves,
    Stops,
    cheapest_as_good,
    stops_of,
)
from tests.reference.early_stopping import stopping


def test_what_is_reported_is_that_of_the_epoch_kept():
    generator = stream(0, "curves")
    monitored, validation, test, accuracy = generator.normal(size=(4, 3, 2, 12))
    stops = stops_of(Curves(monitored, validation, test, accuracy), (1, 4), min_delta=0.1)
    assert stops.patiences == (1, 4, None)
    for k, patience in enumerate(stops.patiences):
        for place in np.ndindex(3, 2):
            epochs, best, _ = stopping(monitored[place].tolist(), patience, 0.1)
            assert stops.epochs_run[k][place] == epochs
            assert stops.epoch_kept[k][place] == best + 1
            assert stops.validation[k][place] == validation[place][best]
            assert stops.test[k][place] == test[place][best]
            assert stops.test_accuracy[k][place] == accuracy[place][best]


def stops_with(validation):
    """Stops of patiences 1, 2 and none with these validation losses, one seed a replicate."""
    loss = np.array(validation)[:, :, None]
    nothing = np.zeros(loss.shape, dtype=np.int64)
    return Stops((1, 2, None), nothing, nothing, loss, loss, loss)


def test_the_patience_chosen_is_the_smallest_that_loses_nothing_beyond_chance():
    never = [1.0, 2.0, 3.0, 4.0]
    clearly_worse = [1.5, 2.4, 3.6, 4.5]
    worse_once = [1.0, 2.0, 3.0, 4.2]
    assert cheapest_as_good(stops_with([clearly_worse, worse_once, never]), 1 / 3) == 2
    assert cheapest_as_good(stops_with([worse_once, worse_once, never]), 1 / 3) == 1
    assert cheapest_as_good(stops_with([clearly_worse, clearly_worse, never]), 1 / 3) is None
