import numpy as np

from levelset.data import load
from levelset.report.baselines import Contest
from levelset.report.methods import report_methods, run_facts, study_methods

DATASET = load("iris")


def test_a_report_says_how_it_was_done():
    contest = Contest({}, {"mlp": np.ones(30)}, 12, 0)
    methods = report_methods(DATASET, "standard", 3, contest, 30, 9.5)
    for words in (
        "30 of 150 rows (20%, stratified)",
        "12 stratified splits",
        "C = 0.01, 0.1, 1",
        "learning rate 0.1, 31 leaves of 20 rows or more or 8 leaves of 5 rows",
    ):
        assert words in methods.paragraph  # fmt: skip
    assert "limit of iterations" not in methods.paragraph
    assert methods.wall_seconds == 9.5


def test_fits_that_did_not_end_are_said():
    contest = Contest({}, {}, 8, 5)
    paragraph = report_methods(DATASET, "quick", 0, contest, 30, 1.0).paragraph
    assert "5 of its fits stopped at their limit of iterations." in paragraph


def test_a_study_says_which_rows_it_saw():
    assert study_methods(DATASET, "quick", 0, 0.2, 1.0).paragraph.startswith("80% of the 150 rows")
    assert study_methods(DATASET, "quick", 0, 0.0, 1.0).paragraph.startswith("All 150 rows")


def test_facts_are_those_of_the_run():
    facts = dict(run_facts(DATASET, "quick", 7))
    assert facts["Seed"] == "7"
    assert facts["Budget"] == "quick (8 replicates, at most 60 epochs)"
    assert DATASET.provenance.digest[:16] in facts["Data"]
    assert "numpy" in facts["Versions"]
    assert "cores" in facts["Machine"]
