import pytest

from levelset.data import load
from levelset.engine import Recipe
from levelset.errors import DataError, RecipeError
from levelset.report import ReportRequest, build_report, builder, page, study_content
from levelset.studies import WeightPenaltyStudy, run_study

DATASET = load("iris")
BASE = Recipe(hidden=(4,), epochs=2)


class Impossible(WeightPenaltyStudy):
    name = "impossible"

    def reason_left_out(self, dataset, rows):
        return f"{dataset.name} has {len(rows)} rows."


class Failing(WeightPenaltyStudy):
    name = "failing"

    def findings(self, results):  # noqa: ARG002
        raise DataError("It must not fail.")


class Costly(WeightPenaltyStudy):
    name = "costly"
    in_report = False


class Second(WeightPenaltyStudy):
    name = "second"


@pytest.fixture(scope="module")
def built():
    """A report of four studies, two of which cannot be told, and the parts of its progress."""
    kinds, parts = (WeightPenaltyStudy, Impossible, Failing, Costly, Second), []
    request = ReportRequest(
        DATASET, BASE, "quick", 0, "levelset report", lambda name, given: f"{name} {given.l2:g}"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builder, "STUDIES", {kind.name: kind for kind in kinds})
        content = build_report(request, lambda name, _: parts.append(name))
    return content, tuple(dict.fromkeys(parts))


def test_a_report_tells_its_studies_in_order_and_hands_choices_on(built):
    content, _ = built
    assert [study.name for study in content.studies] == ["weight-penalty", "second"]
    chosen = float(dict(content.conclusion.choices)["weight-penalty"].removeprefix("l2 = "))
    commands = [study.command for study in content.studies]
    assert commands == ["weight-penalty 0", f"second {chosen:g}"]


def test_studies_that_cannot_run_or_fail_are_left_out_with_the_reason(built):
    content, _ = built
    assert content.left_out[:2] == (
        ("impossible", "iris has 120 rows."),
        ("failing", "It must not fail."),
    )
    name, reason = content.left_out[2]
    assert name == "costly"
    assert "run it alone: costly" in reason
    assert "It must not fail." in page(content)


def test_progress_names_its_part(built):
    assert built[1] == ("weight-penalty", "failing", "second", "verdict")


def test_the_chosen_recipe_stops_early(built):
    content, _ = built
    assert "patience=10" in content.conclusion.recipe
    assert "epochs=2" in content.conclusion.recipe


def test_the_verdict_is_of_the_rows_that_no_study_saw(built):
    content, _ = built
    assert {each.accuracy.n for each in content.conclusion.baselines} == {30}


def test_a_recipe_that_no_study_can_vary_is_refused():
    recipe = Recipe(heads="sigmoid")
    request = ReportRequest(DATASET, recipe, "quick", 0, "c", lambda name, _: name)
    with pytest.raises(RecipeError, match='`heads` must be "softmax"'):
        build_report(request)


def test_a_page_of_one_study_has_no_conclusion():
    result, _ = run_study(WeightPenaltyStudy(BASE), DATASET, budget="quick", command="c")
    content = study_content(DATASET, result, 0, "quick", 0.2)
    assert content.conclusion is None
    assert content.command == "c"
    assert content.studies == (result,)
