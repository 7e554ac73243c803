"""Over epochs too the test error falls, rises while wrong labels are learned, and falls again."""

import numpy as np
import pytest

from levelset.data import fit_encoding, label_noise, load
from levelset.engine import Fleet, Member, Recipe
from levelset.studies.questions.double_descent.peaks import honest_peaks
from levelset.theory import mean_interval

TRAINING, TEST, REPLICATES = 4_000, 1_000, 16
NOISE = 0.3  # of the training labels; test labels are right
RECIPE = Recipe(
    hidden=(128,) * 4,
    normalization="batch",
    learning_rate=0.005,
    batch_size=256,
    epochs=120,
)
SPANS = np.unique(np.round(np.geomspace(1, RECIPE.epochs, 40)).astype(int))  # of epochs, averaged


@pytest.mark.slow
@pytest.mark.parametrize("seed", [81, 82])
def test_a_network_of_batch_normalized_layers_descends_twice_over_epochs(seed):
    each = TRAINING + TEST
    table = load(f"mnist1d:rows={REPLICATES * each},seed={seed}")
    errors = []
    for replicate in range(REPLICATES):
        rows = np.arange(replicate * each, (replicate + 1) * each)
        training, test = rows[:TRAINING], rows[TRAINING:]
        noisy = label_noise(table, NOISE, replicate, rows=training)
        encoding = fit_encoding(noisy, training)
        fleet = Fleet(
            [Member(RECIPE, seed=replicate)],
            encoding.transform(noisy, training),
            noisy.targets[training],
            validation=(encoding.transform(noisy, test), noisy.targets[test]),
            classes=10,
        )
        fleet.run()
        errors.append(1.0 - fleet.record.validation_accuracy[0])
    starts = np.concatenate([[0], SPANS[:-1]])
    curves = np.add.reduceat(np.array(errors, dtype=np.float64), starts, axis=1)
    peaks = honest_peaks(curves / (SPANS - starts))
    assert mean_interval(peaks.rise).low > 0
    assert mean_interval(peaks.fall).low > 0
