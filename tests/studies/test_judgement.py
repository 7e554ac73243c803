import numpy as np
import pytest

from levelset.studies import Comparison, judge
from levelset.theory.statistics import holm, mean_interval, mean_p_value

NOISE = np.array([0.1, -0.1, 0.05, -0.05, 0.02, -0.02, 0.08, -0.08])


def comparison(mean, **fields):
    return Comparison("claim", "effect", mean + NOISE, **fields)


@pytest.mark.parametrize(
    ("mean", "verdict"), [(1.0, "supported"), (-1.0, "refuted"), (0.0, "not shown")]
)
def test_the_verdict_follows_the_side_on_which_the_interval_lies(mean, verdict):
    (finding,) = judge([comparison(mean)], test_share=1 / 3)
    assert finding.verdict == verdict
    assert finding.interval.estimate == pytest.approx(mean)


def test_a_claim_that_holds_alone_may_fail_among_many():
    borderline = comparison(0.15)
    assert judge([borderline], 1 / 3)[0].verdict == "supported"
    many = judge([borderline, *(comparison(0.0) for _ in range(9))], 1 / 3)
    assert many[0].verdict == "not shown"
    assert many[0].judged_together == 10
    assert many[0].p_value > 0.05
    assert "Alone, its interval would decide the claim" in many[0].note
    assert "Alone" not in many[1].note


def test_replicates_that_give_the_same_number_are_judged_by_the_sign_test():
    agreeing = Comparison("claim", "share that diverged", np.ones(8), note="Of eight.")
    found, _ = judge([agreeing, comparison(0.0)], 1 / 3)
    assert found.p_value == 2 * 0.5**8 * 2  # two-sided, two claims
    assert found.note == "All 8 replicates give the same number: p is the sign test's. Of eight."
    (nothing,) = judge([Comparison("claim", "share", np.zeros(8))], 1 / 3)
    assert (nothing.verdict, nothing.p_value, nothing.note) == ("not shown", 1.0, "")


def test_log_ratios_are_reported_as_ratios():
    (finding,) = judge([comparison(2.0, is_log_ratio=True)], 1 / 3)
    assert finding.interval.estimate == pytest.approx(4.0)
    assert finding.interval.low < 4.0 < finding.interval.high


def test_a_claim_of_a_fall_is_reported_with_its_sign():
    (finding,) = judge([comparison(1.0, falls=True)], 1 / 3)
    assert finding.verdict == "supported"
    assert finding.interval.high < 0
    assert finding.interval.low < finding.interval.estimate < finding.interval.high


def test_independent_replicates_are_judged_by_students_t():
    differences = np.array([0.5, 1.0, 1.5, 0.8])
    claims = [
        Comparison("claim", "effect", differences),
        Comparison("other", "effect", -differences),
    ]
    first, second = judge(claims, test_share=None)
    assert first.interval == mean_interval(differences)
    adjusted = holm(np.full(2, mean_p_value(differences)))[0]
    assert first.p_value == adjusted
    assert first.test == f"p = {adjusted:.2g} (Holm over 2 claims)"
    assert (first.verdict, second.verdict) == ("supported", "refuted")
    (shared, _) = judge(claims, test_share=1.0)
    assert shared.interval.low < first.interval.low
