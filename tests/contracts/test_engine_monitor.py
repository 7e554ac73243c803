"""What validation judges an epoch by."""

import numpy as np
import pytest

from levelset.engine import Fleet, Member
from tests.reference.early_stopping import stopping
from tests.reference.features import VALIDATION, X, Y, make_recipe


def trained_fleet(monitor: str, patience: int | None) -> Fleet:
    recipe = make_recipe(
        monitor=monitor, patience=patience, epochs=30, l2=0.0, learning_rate=0.02, dropout=0.3
    )
    fleet = Fleet([Member(recipe, seed=seed) for seed in range(6)], X, Y, validation=VALIDATION)
    fleet.run()
    return fleet


@pytest.mark.parametrize("patience", [None, 1, 3, 8])
def test_accuracy_decides(patience: int | None) -> None:
    curves = trained_fleet("accuracy", None).record.validation_accuracy
    record = trained_fleet("accuracy", patience).record
    for number, curve in enumerate(curves):
        errors = 1 - np.round(curve.astype(float) * len(VALIDATION[1])) / len(VALIDATION[1])
        given = (
            int(record.epochs_run[number]),
            int(record.best_epoch[number]),
            record.stop_reason[number],
        )
        assert given == stopping(errors.tolist(), patience, 0.0)


def test_loss_decides_otherwise() -> None:
    by_loss, by_accuracy = (trained_fleet(name, None) for name in ("loss", "accuracy"))
    loss, accuracy = by_loss.record, by_accuracy.record
    assert loss.validation_loss.tobytes() == accuracy.validation_loss.tobytes()
    assert (loss.best_epoch != accuracy.best_epoch).any()


def test_network_is_that_of_the_best_accuracy() -> None:
    fleet = trained_fleet("accuracy", None)
    for number, network in enumerate(fleet.networks):
        accuracy = (network.predict(VALIDATION[0]) == VALIDATION[1]).mean()
        best = fleet.record.validation_accuracy[number].max()
        assert accuracy == pytest.approx(best, rel=1e-6)
