"""What comes back of a design: losses beside the rows that they are of."""

import numpy as np
import pytest

from levelset.data import load
from levelset.engine import Recipe
from levelset.studies import Arm, paired_design, replicates_of, run_design


@pytest.mark.parametrize("test_share", [0.0, 0.2])
def test_judged_losses_are_those_of_the_rows_beside_them(test_share):
    table, base = load("iris"), Recipe(hidden=(4,), epochs=2)
    arms = [Arm(f"λ = {l2}", base.changed(l2=l2), f"l2={l2}") for l2 in (0.0, 0.1)]
    replicates = replicates_of(table, np.arange(table.rows), "quick", 0, test_share)
    results = run_design(paired_design(replicates, arms, keep_best=True))
    for outcome, judged in zip(results.outcomes, results.judged_rows, strict=True):
        split, encoding = outcome.trial.split, outcome.trial.encoding
        assert set(judged.rows) == set(split.test if test_share else split.validation)
        for place, row in enumerate(judged.rows):
            x, label = encoding.transform(table, np.array([row])), table.targets[row]
            for arm, network in enumerate(outcome.networks):
                expected = -np.log(network.predict_proba(x)[0, label])
                assert judged.loss[arm, place] == pytest.approx(expected, rel=1e-5)
