import numpy as np
import pytest

from levelset.data import from_arrays, load
from levelset.engine import Recipe
from levelset.seeds import stream
from levelset.studies import LinearityStudy, judge, run_design, run_study
from levelset.studies.bending import Bending
from levelset.studies.questions.linearity import study as module


@pytest.fixture(scope="module")
def rings():
    """One class inside the other: what no straight line can tell apart."""
    generator = stream(0, "rings")
    labels = np.arange(240) % 2
    angle, radius = generator.uniform(0, 2 * np.pi, 240), 1.0 + labels
    points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return from_arrays(points + generator.normal(0, 0.1, (240, 2)), labels, name="rings")


@pytest.fixture(scope="module")
def study():
    return LinearityStudy(Recipe(hidden=(16,)))


@pytest.fixture(scope="module")
def results(study, rings):
    return run_design(study.design(rings, np.arange(rings.rows), "quick", 0))


def test_the_arms_share_an_objective_and_differ_in_depth_and_activation(results):
    shapes = [(arm.recipe.activation, arm.recipe.hidden) for arm in results.design.arms]
    assert shapes == [
        ("identity", ()),
        ("identity", (16,)),
        ("identity", (16,) * 3),
        ("relu", (16,)),
        ("relu", (16,) * 3),
    ]
    assert {arm.recipe.label_smoothing for arm in results.design.arms} == {module.SMOOTHING}
    assert {arm.recipe.l2 for arm in results.design.arms} == {0.0}
    assert {trial.monitored for trial in results.design.trials} == {None}
    assert len(results.records) >= 8


def test_the_width_never_falls_below_the_number_of_classes():
    table = load("digits")
    narrow = LinearityStudy(Recipe(hidden=(2,)))
    design = narrow.design(table, np.arange(table.rows), "quick", 0)
    assert design.arms[1].recipe.hidden == (10,)


@pytest.mark.parametrize(("curvature", "verdict"), [(0.3, "supported"), (0.0, "refuted")])
def test_level_sets_of_relu_may_turn_out_to_bend_or_not(curvature, verdict):
    measured = np.zeros((8, len(module._BENT)))
    measured[:, -1] = curvature * (1 + 0.1 * stream(0, "curvature").normal(size=8))
    measured[:, 1] = 1e-6
    bending = Bending(np.ones(measured.shape), measured, np.ones(measured.shape, dtype=bool))
    straight, bent = judge(module._bends(("Straight.", "Bent."), bending), test_share=1 / 3)
    assert straight.verdict == "supported"
    assert bent.verdict == verdict


def test_distances_from_the_least_loss_are_judged_by_orders_of_magnitude():
    near = module._at_the_optimum("They are there.", np.array([1e-6] * 6 + [1e-5, 5e-3]))
    (found,) = judge([near], test_share=None)
    assert found.verdict == "supported"  # by their mean, 6e-4 ± 1.5e-3, it would not be shown
    assert found.note.startswith("7 of 8 networks ended within 0.001; less than 6 × 10⁻⁸,")
    far = module._at_the_optimum("They are there.", np.array([0.1, 0.2, 0.1, 0.3]))
    assert judge([far], test_share=None)[0].verdict == "refuted"


def test_what_mathematics_says_is_supported(study, results):
    findings = study.findings(results)
    for finding in findings[:6]:
        assert finding.verdict == "supported", finding
    assert "classify more" in findings[-1].claim
    assert findings[-1].verdict == "supported"  # rings


def test_labels_without_a_pattern_support_no_claim_of_better_generalization():
    generator = stream(1, "noise")
    noise = from_arrays(generator.normal(size=(120, 3)), generator.integers(0, 2, 120))
    result, _ = run_study(LinearityStudy(Recipe(hidden=(8,))), noise, budget="quick")
    general = [finding for finding in result.findings if finding.subject != "mechanism"]
    assert [finding.subject for finding in general] == ["log loss", "accuracy"]
    assert all(finding.verdict != "supported" for finding in general)


def test_a_table_without_any_boundary_counts_as_straight():
    generator = stream(2, "rare")
    labels = np.repeat([0, 1], [72, 8])
    table = from_arrays(1e-3 * generator.normal(size=(80, 3)), labels)
    result, _ = run_study(LinearityStudy(Recipe(hidden=(4,), epochs=2)), table, budget="quick")
    for finding in result.findings:
        assert np.isfinite(finding.interval.estimate)
