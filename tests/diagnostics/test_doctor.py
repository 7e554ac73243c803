"""What the doctor says of a fleet or a table, and what the proofs make of its remedies."""

import numpy as np
import pytest

import levelset
from levelset.data import from_arrays, load
from levelset.diagnostics import diagnose, examine
from levelset.diagnostics.faults import FAULTS
from levelset.diagnostics.faults.calibration import _WILKS
from levelset.diagnostics.faults.diagnosis import BY_DEFINITION, OURS
from levelset.diagnostics.faults.fit import _PRECHELT
from levelset.diagnostics.faults.inputs import duplicates
from levelset.engine import Fleet, Member, Recipe
from levelset.errors import DataError, RecipeError
from tests.diagnostics.fault import UNSCALED
from tests.diagnostics.tables import blobs, bundled, coins, flipped, moons, ring
from tests.diagnostics.tuned import TUNED

# Thresholds whose number is not ours.
FROM_OTHERS = (BY_DEFINITION, _PRECHELT, _WILKS)

TRAP = Recipe(hidden=(20, 20), activation="sigmoid")


def trained(rows, recipe, members=2, validation=True):
    x, y = rows
    cut = 3 * len(y) // 4
    fleet = Fleet(
        [Member(recipe, seed=seed) for seed in range(members)],
        x[:cut],
        y[:cut],
        validation=(x[cut:], y[cut:]) if validation else None,
    )
    fleet.run()
    return fleet


def named(name):
    return next(case for case in TUNED if case.name == name)


def faults(examination):
    return [found.fault for found in examination.diagnoses]


def proofs_of(examination, fault):
    return {proof.remedy.text: proof for proof in examination.proofs if proof.fault == fault}


@pytest.fixture(scope="module")
def found():
    return diagnose(trained(ring(0), TRAP, members=4), prove_remedies=True)


class TestTheTrap:
    """500 rows, two features on [0, 1], unscaled, a curved boundary, a sigmoid 20-20 network."""

    def test_it_stalls_at_the_majority_class(self, found):
        accuracy = (found.case.training_probabilities.argmax(-1) == found.case.y).mean()
        assert accuracy == pytest.approx(found.case.frequencies.max(), abs=0.02)

    def test_the_doctor_says_why(self, found):
        assert {UNSCALED, "plateau taken for convergence"} <= set(faults(found))

    def test_relu_and_tanh_are_proved_to_cure_it(self, found):
        proofs = proofs_of(found, "plateau taken for convergence")
        for text in ("Use ReLU.", "Use tanh."):
            assert proofs[text].verdict == "shown"
            assert proofs[text].difference.high < 0
            assert proofs[text].difference.n == 8

    def test_what_is_proved_is_sure_and_its_gain_is_measured(self, found):
        plateau = next(one for one in found.diagnoses if one.fault.startswith("plateau"))
        proofs = proofs_of(found, plateau.fault).values()
        assert plateau.confidence == "proved"
        assert plateau.expected_gain == max(-one.difference.estimate for one in proofs)

    def test_scaled_inputs_with_a_centered_activation_are_proved_to_cure_it(self, found):
        proof = list(proofs_of(found, UNSCALED).values())[1]
        assert proof.remedy.data == "standardize"
        assert proof.verdict == "shown"

    def test_what_hardly_helps_is_not_called_a_cure(self, found):
        proof = proofs_of(found, "underfitting")["Train for 400 epochs."]
        assert abs(proof.difference.estimate) < 0.01
        assert proof.verdict == "not shown"


def test_scaling_alone_is_proved_where_it_cures():
    x = np.random.default_rng(5).uniform(size=(500, 2))
    y = ((x**2).sum(axis=1) < 0.6).astype(int)
    found = diagnose(trained((x, y), TRAP), prove_remedies=True)
    proof = proofs_of(found, UNSCALED)["Standardize the columns by the training rows."]
    assert proof.verdict == "shown"
    assert proof.after < 0.7 * proof.before


def test_a_table_may_be_looked_at_in_its_units():
    wine = load("wine")
    assert UNSCALED in faults(examine(wine, Recipe(epochs=30), scale=False))
    assert UNSCALED not in faults(examine(wine, Recipe(epochs=30)))


def test_unscaled_columns_hold_the_tables_numbers():
    x, y = blobs(0)
    x[3, 0] = np.nan
    case = examine(from_arrays(x, y), Recipe(hidden=(4,), epochs=1), scale=False).case
    rows = case.row_numbers[: len(case.y)]
    known = rows != 3
    assert case.x[known, 0] == pytest.approx(x[rows[known], 0], abs=1e-4)
    assert case.names[:2] == ("x1", "x1 is missing")


def test_the_public_name_is_the_same_function():
    assert levelset.diagnose is diagnose


def test_diagnoses_are_ranked_by_expected_gain():
    gains = [found.expected_gain for found in diagnose(trained(ring(0), TRAP)).diagnoses]
    assert gains == sorted(gains, reverse=True)


def test_flipped_labels_are_listed_first():
    x, y = bundled("digits")
    _, wrong = flipped((x, y), 0, 0.05)
    found = examine(from_arrays(x, wrong), Recipe(hidden=(32,), epochs=15))
    rows = next(each.rows for each in found.diagnoses if each.fault == "label errors suspected")
    listed = np.array(rows)
    assert (wrong[listed[:50]] != y[listed[:50]]).mean() > 0.9
    assert np.isin(np.flatnonzero(wrong != y), listed).mean() > 0.6


def test_repeated_rows_of_a_table_are_listed_and_their_removal_is_honest():
    x, y = moons(4, n=150, noise=0.4)
    table = from_arrays(np.repeat(x, 2, axis=0), np.repeat(y, 2))
    recipe = Recipe(hidden=(32, 32), epochs=150, learning_rate=5e-3)
    found = examine(table, recipe, prove_remedies=True)
    leak = next(one for one in found.diagnoses if one.fault == "train-validation duplicates")
    assert len(leak.rows) > 10
    (proof,) = proofs_of(found, leak.fault).values()
    assert proof.verdict == "shown"
    assert proof.after > proof.before


def test_duplicates_are_rows_that_agree_to_six_digits():
    x = np.array([[1.0, 1000.0], [0.0, -3.0]])
    others = np.array([[1.0 + 1e-9, 1000.0], [1.0, 1001.0], [-0.0, -3.0]])
    assert duplicates(x, others).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("blobs, labels smoothed by 0.5", "miscalibration"),
        ("breast cancer, 12 % flipped", "label errors suspected"),
        ("blobs, 6 % rare", "class imbalance ignored"),
        ("moons, adam at 1e-5", "learning rate too low"),
        ("digits, adam at 0.1", "dead units"),
        ("wine, sigmoid of 4 layers, gain 0.5", "vanishing gradient"),
    ],
)
def test_a_remedy_of_a_planted_fault_is_shown_to_help(name, fault):
    found = diagnose(named(name).fleet(), prove_remedies=True)
    verdicts = [proof.verdict for proof in proofs_of(found, fault).values()]
    assert "shown" in verdicts


def test_where_nothing_can_be_learned_no_remedy_is_shown_to_beat_the_class_frequencies():
    fleet = trained(coins(7), Recipe(hidden=(32, 32), epochs=150))
    found = diagnose(fleet, prove_remedies=True)
    assert "overfitting" in faults(found)
    for proof in found.proofs:
        assert proof.after > 0.95 * found.case.prior_loss


def test_only_what_is_proved_is_called_proved():
    fleet = trained(coins(7), Recipe(hidden=(32, 32), epochs=150))
    found = diagnose(fleet, prove_remedies=True)
    shown = {proof.fault for proof in found.proofs if proof.verdict == "shown"}
    assert {one.fault for one in found.diagnoses if one.confidence == "proved"} == shown
    sure = {one.confidence for one in diagnose(fleet).diagnoses}
    assert sure <= {"high", "moderate"}


def test_without_validation_rows_proofs_hold_rows_out():
    fleet = trained(ring(0), TRAP, validation=False)
    found = diagnose(fleet, prove_remedies=True)
    assert found.notes
    assert np.isnan(found.case.validation_loss)
    assert proofs_of(found, "plateau taken for convergence")["Use ReLU."].verdict == "shown"


def test_a_network_with_a_sigmoid_head_can_be_looked_at():
    recipe = TRAP.changed(heads="sigmoid")
    found = diagnose(trained(ring(0), recipe), prove_remedies=True, replicates=3)
    assert "plateau taken for convergence" in faults(found)
    assert all(proof.difference.n == 3 for proof in found.proofs)


def test_a_recipe_that_does_not_choose_is_refused_before_it_is_trained():
    with pytest.raises(RecipeError, match='got "squared_error"'):
        examine(load("wine"), Recipe(heads="squared_error", epochs=10**6))


def test_a_proof_needs_two_seeds():
    with pytest.raises(RecipeError, match="`replicates` must be >= 2, got 1; 8 is the default"):
        diagnose(trained(ring(0), Recipe(epochs=1)), replicates=1)


def test_a_table_too_small_to_be_split_is_refused():
    with pytest.raises(DataError, match="2 rows or more"):
        examine(from_arrays([[0.0], [1.0], [2.0]], [0, 0, 1]), Recipe(epochs=1))


def test_every_fault_has_numbers_a_cause_of_two_sentences_and_a_remedy():
    seen = set()
    for case in TUNED[::4]:
        for found in diagnose(case.fleet()).diagnoses:
            seen.add(found.fault)
            judged = [one.source for one in found.evidence if one.threshold is not None]
            assert judged
            assert all(OURS in one or one in FROM_OTHERS for one in judged)
            assert found.cause.count(". ") == 1
            assert found.cause.endswith(".")
            assert found.remedies
            assert found.expected_gain >= 0
    assert len(seen) > len(FAULTS) / 2
