from levelset.data import load
from levelset.engine import Recipe
from levelset.report.notes import told_once
from levelset.studies import WeightPenaltyStudy, run_study


def test_the_adjustment_is_said_once():
    told = told_once(
        ["p < 0.0001 (Holm over 7 claims).", "p = 1 (Holm over 7 claims). Twelve runs.", "Other."]
    )
    assert told.p_values == ("p < 0.0001", "p = 1", "")
    assert told.texts == ("", "Twelve runs.", "Other.")
    assert told.shared.startswith("p-values are those after Holm's adjustment for 7 claims; 1 is")


def test_without_p_values_nothing_is_said_of_them():
    assert told_once(["", "Twelve runs."]).shared == ""
    assert told_once(["p = 0.02 (Holm over 2 claims)."]).shared.endswith("for 2 claims.")


def test_a_note_that_comes_again_is_not_repeated_and_nothing_is_lost():
    told = told_once(["A.", "A.", "A.", "B.", "A."])
    assert told.texts[0] == "A."
    assert len(set(told.texts[1:3])) == 1
    assert "above" in told.texts[1]
    assert told.texts[3:] == ("B.", "A.")  # what is above is no longer A


def test_the_studies_words_are_understood():
    result, _ = run_study(
        WeightPenaltyStudy(Recipe(hidden=(4,), epochs=2)), load("iris"), budget="quick"
    )
    told = told_once([finding.note for finding in result.findings])
    assert all(p.startswith("p ") for p in told.p_values)
    assert str(len(result.claims)) in told.shared
    assert not [text for text in told.texts if "Holm" in text]
