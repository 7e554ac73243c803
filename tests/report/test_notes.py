from levelset.report.notes import told_once
from levelset.studies import Finding
from levelset.theory import Interval


def finding(note: str = "", p_value: float | None = None, judged_together: int = 7) -> Finding:
    interval = Interval(0.1, 0.0, 0.2, 0.95, 8)
    return Finding(
        "It helps.", "not shown", "gain", interval, note, "mechanism", p_value, judged_together
    )


def test_the_adjustment_is_said_once():
    told = told_once([finding(p_value=0.0), finding("Twelve runs.", 1.0), finding("Other.")])
    assert told.texts == ("", "Twelve runs.", "Other.")
    assert told.shared.startswith("p-values are those after Holm's adjustment for 7 claims; 1 is")
    assert told_once([finding(p_value=0.02, judged_together=2)]).shared.endswith("for 2 claims.")


def test_without_p_values_nothing_is_said_of_them():
    assert told_once([finding("Twelve runs."), None]).shared == ""


def test_a_note_that_comes_again_is_not_repeated_and_nothing_is_lost():
    told = told_once([finding(note) for note in ("A.", "A.", "A.", "B.", "A.")])
    assert told.texts[0] == "A."
    assert len(set(told.texts[1:3])) == 1
    assert "above" in told.texts[1]
    assert told.texts[3:] == ("B.", "A.")  # what is above is no longer A
