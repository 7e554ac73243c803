import itertools

import numpy as np
import pytest

from levelset.data import load
from levelset.engine import Recipe
from levelset.studies import DepthStudy, run_design
from levelset.studies.questions.depth import study as module


@pytest.fixture(scope="module")
def study():
    return DepthStudy(Recipe(hidden=(16,)))


@pytest.fixture(scope="module")
def results(study):
    table = load("wine")
    return run_design(study.design(table, np.arange(table.rows), "quick", 0))


def test_every_network_meets_every_depth_and_is_trained_at_one(results):
    arms = results.design.arms
    shapes = [(arm.color_key, arm.recipe.activation, len(arm.recipe.hidden)) for arm in arms]
    assert len(arms) == len(module.VARIANTS) * len(module.DEPTHS) + len(module.TRAINED)
    pairs = itertools.product(module.VARIANTS, module.DEPTHS)
    for (variant, depth), arm in zip(pairs, arms, strict=False):  # the trained ones follow
        assert (len(arm.recipe.hidden), arm.recipe.epochs) == (depth, 1)
        assert {name: getattr(arm.recipe, name) for name in variant.fields} == variant.fields
    assert {depth for *_, depth in shapes[len(module._ARMS) * -1 :]} == {module.DEEP}
    assert {arm.recipe.optimizer for arm in arms} == {"sgd"}
    assert max(module.DEPTHS) > 20


def test_a_large_table_gives_some_of_its_rows_stratified():
    table = load("digits")
    rows = module._some(table, np.arange(table.rows), seed=0)
    assert len(rows) == pytest.approx(module.MOST_ROWS, abs=10)
    counts = np.bincount(table.targets[rows])
    np.testing.assert_allclose(
        counts / len(rows), np.array(table.class_counts) / table.rows, atol=0.01
    )


def test_what_theory_is_sure_of_is_supported(study, results):
    findings = study.findings(results)
    assert [finding.verdict for finding in findings] == ["supported"] * len(findings)
    left = findings[0].interval
    assert left.low < 0.25 < left.high or left.estimate == pytest.approx(0.25, abs=0.05)


def test_the_bound_is_drawn_beside_what_was_measured(study, results):
    chart = study.charts(results)[0]
    (bound,) = (curve for curve in chart.curves if curve.color_key == "reference")
    np.testing.assert_allclose(bound.replicates[0], [4.0**-n for n in module.DEPTHS])
    assert chart.y_log
