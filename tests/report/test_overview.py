import pytest

from levelset.report import Baseline
from levelset.report.overview import baseline_charts, baseline_table, findings_table
from levelset.theory.statistics import Interval


def test_baselines_have_common_decimals_and_n(content):
    rows = baseline_table(content.conclusion.baselines).rows
    assert rows[0] == ("Majority class", "0.333 [0.192, 0.512]", "1.099 [1.099, 1.099]", 30)


def test_differing_n_are_both_given():
    one, two = Interval(0.5, 0.4, 0.6, 0.95, 30), Interval(0.5, 0.4, 0.6, 0.95, 29)
    assert baseline_table((Baseline("a", one, two, "a"),)).rows[0][3] == "30 / 29"


def test_baselines_are_drawn_by_accuracy_and_by_loss(content):
    charts = baseline_charts(content.conclusion.baselines)
    assert [chart.points[3].estimate for chart in charts] == [pytest.approx(29 / 30), 0.094]
    assert "n = 30" in charts[0].caption
    assert baseline_charts(()) == ()


def test_every_finding_is_a_row(content):
    table = findings_table(content)
    assert len(table.rows) == 5
    first = dict(zip(table.columns, table.rows[0], strict=True))
    assert (first["study"], first["verdict"], first["low"], first["n"]) == (
        *("activations", "supported", 29.7, 8),
    )
