import numpy as np
import pytest

from levelset.data import load
from levelset.engine import Recipe
from levelset.studies import RegularizersStudy, run_design
from levelset.studies.questions.regularizers.ranking import (
    arms_of,
    chosen_by_remedy,
    dose_of,
    how_often,
)
from levelset.studies.questions.regularizers.remedies import REMEDIES
from levelset.studies.treated import measured


@pytest.fixture(scope="module")
def study():
    return RegularizersStudy(Recipe(hidden=(8,), epochs=15))


@pytest.fixture(scope="module")
def results(study):
    iris = load("iris")
    return run_design(study.design(iris, np.arange(iris.rows), "quick", 0))


def test_an_arm_is_named_by_its_dose(results):
    for remedy in REMEDIES:
        for place, arm in enumerate(arms_of(results, remedy)):
            dose = dose_of(results, arm)
            assert dose is remedy.doses[place]
            assert results.design.arms[arm].name == f"{remedy.name}: {dose.label}"


def test_the_ranking_ascends_and_ends_with_none(study, results):
    ranking, doses = study.tables(results)
    assert len(ranking.rows) == len(REMEDIES) + 1
    ratios = [row[3] for row in ranking.rows[:-1]]
    assert ratios == sorted(ratios)
    assert ranking.rows[-1][0] == "None"
    assert [row[0] for row in doses.rows[:3]] == ["None", "L2 penalty", "L2 penalty"]
    assert sum(row[-1] for row in doses.rows[1:]) == 8 * len(REMEDIES)
    test, arms = measured(results).test, chosen_by_remedy(results)[0]
    ratios = [test[replicate, arm] / test[replicate, 0] for replicate, arm in enumerate(arms)]
    (row,) = [row for row in ranking.rows if row[0] == "L2 penalty"]
    assert row[3] == pytest.approx(np.prod(ratios) ** (1 / 8), rel=1e-9)


def test_intervals_of_the_charts_are_wider_than_those_of_one_claim(study, results):
    chart = study.charts(results)[0]
    widths = {point.name: point.high - point.low for point in chart.points}
    finding = study.findings(results)[0]
    assert widths["L2 penalty"] > finding.interval.high - finding.interval.low


def test_how_often_names_the_most_frequent_first(results):
    l2 = arms_of(results, REMEDIES[0])
    chosen = np.array([l2[1], l2[0], l2[1]])
    assert how_often(results, chosen) == "λ = 0.01 (2×), λ = 0.001 (1×)"
    assert how_often(results, chosen, whole=True).startswith("L2 penalty: λ = 0.01")
