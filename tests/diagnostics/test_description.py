"""The text of an examination, line by line, of faults that are made up."""

from dataclasses import replace

import pytest

from levelset.diagnostics.cases import case_of
from levelset.diagnostics.description import describe
from levelset.diagnostics.faults import Case, Diagnosis, Evidence, Remedy
from levelset.diagnostics.faults.diagnosis import above, below
from levelset.diagnostics.proof import Proof
from levelset.engine import Fleet, Member, Recipe
from levelset.theory.statistics import Interval
from tests.diagnostics.tables import ring

PILL, CURE = Remedy("Take a pill.", {"l2": 0.1}), Remedy("Sleep.", {"epochs": 9})
COUGH = Diagnosis(
    "cough",
    (above("noise", 12.0, 3.0, "Galen"), below("air", 0.5, 0.25, "ours"), Evidence("days", 3.0)),
    "It is cold. It is wet.",
    (PILL, CURE),
    "moderate",
    0.25,
    rows=tuple(range(12)),
)
FEVER = replace(COUGH, fault="fever", remedies=(CURE,), expected_gain=0.0, rows=())


def proof(fault: str, remedy: Remedy, verdict: str = "shown") -> Proof:
    difference = Interval(-0.25, -0.3, -0.2, 0.95, 8)
    return Proof(fault, remedy, verdict, difference, 0.5, 0.25, 4e-11)  # pyright: ignore[reportArgumentType]


@pytest.fixture(scope="module")
def case() -> Case:
    x, y = ring(0, n=80)
    fleet = Fleet([Member(Recipe(hidden=(3,), epochs=1))], x, y)
    fleet.run()
    return case_of(fleet)


def lines(case: Case, *arguments, width: int = 220) -> list[str]:
    return describe(case, *arguments, width=width).splitlines()


def test_what_was_looked_at_stands_beside_what_can_be_had(case: Case) -> None:
    first = lines(case, (), (), ("A note.",))
    assert first[0] == (
        "One network of Recipe(hidden=(3,), epochs=1): 80 training and 0 validation rows."
    )
    assert first[2].split("  ")[-1] == "this network, training rows"
    assert first[3].split()[0] == f"{case.prior_loss:.3g}"
    assert first[4].split()[0] == f"{case.reference_loss:.3g}"
    assert first[5] == "A note."
    assert first[-1] == "No fault found, of the 16 that the doctor looks for."


def test_evidence_stands_beside_its_threshold_and_its_source(case: Case) -> None:
    said = lines(case, [COUGH])
    assert "1 fault found, of the 16 that the doctor looks for." in said
    assert "1. COUGH (confidence: moderate; a cure may save 0.25 nats)" in said
    assert "   - noise: 12, > 3 (a)" in said
    assert "   - air: 0.5, not < 0.25 (b)" in said
    assert "   - days: 3" in said
    rows = "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more (`rows` has all; --json lists them)"
    assert f"   Rows (counted from 0): {rows}" in said
    at = said.index("Where the thresholds are from:")
    assert said[at + 1 :] == ["   (a) Galen", "   (b) ours"]


def test_several_faults_are_said_to_share_causes(case: Case) -> None:
    said = lines(case, [COUGH, FEVER])
    assert any("does not add up" in line for line in said)
    assert "2. FEVER (confidence: moderate)" in said


def test_a_proof_stands_under_its_remedy_and_once(case: Case) -> None:
    proved = replace(COUGH, confidence="proved")
    proofs = [
        proof("cough", PILL, "not shown"),
        proof("cough", CURE),
        proof("fever", CURE),
    ]
    said = lines(case, [proved, replace(FEVER, confidence="proved")], proofs)
    assert "1. COUGH (cure proved: it saves 0.25 nats)" in said
    at = said.index("   Remedy: Sleep.")
    assert said[at + 1] == (
        "     SHOWN: validation loss 0.5 → 0.25, a difference of −0.250 [−0.300, −0.200] "
        "(95% interval, means of n = 8 paired seeds; p = 4 × 10⁻¹¹ after Holm)."
    )
    assert "     SHOWN, as under 1." in said
    assert said[-1] == "What helps most: Sleep. Validation loss 0.5 → 0.25."


def test_remedies_that_did_not_help_are_said_not_to(case: Case) -> None:
    said = lines(case, [FEVER], [proof("fever", CURE, "not shown")])
    assert "1. FEVER (confidence: moderate; no remedy is shown to help)" in said
    assert said[-1] == "No remedy is shown to lower the validation loss."


@pytest.mark.parametrize(
    ("aim", "words"), [("higher", "the honest number."), ("as low", "As low is enough.")]
)
def test_what_a_remedy_is_for_is_said_with_its_proof(case: Case, aim: str, words: str) -> None:
    remedy = replace(PILL, aim=aim)
    proved = replace(FEVER, remedies=(remedy,), confidence="proved")
    said = lines(case, [proved], [proof("fever", remedy)])
    assert "1. FEVER (cure proved)" in said
    assert any(line.endswith(words) for line in said)


def test_a_balanced_loss_is_named(case: Case) -> None:
    remedy = replace(PILL, balanced=True)
    said = lines(case, [replace(FEVER, remedies=(remedy,))], [proof("fever", remedy)])
    assert any("class-balanced validation loss 0.5" in line for line in said)


def test_lines_are_folded_under_their_text(case: Case) -> None:
    said = lines(case, [replace(COUGH, cause="word " * 30)], width=60)
    assert max(map(len, said)) <= 60
    at = next(number for number, line in enumerate(said) if line.startswith("   Cause:"))
    assert said[at + 1].startswith("   word")
    assert not any(line.endswith(" ") for line in said)


@pytest.mark.parametrize(
    ("value", "text"), [(1.234e-5, "1.23 × 10⁻⁵"), (-2e-9, "−2 × 10⁻⁹"), (3e7, "3 × 10⁷")]
)
def test_small_and_large_figures_are_no_code(case: Case, value: float, text: str) -> None:
    said = lines(case, [replace(COUGH, evidence=(Evidence("length", value),))])
    assert any(line.endswith(text) for line in said)
