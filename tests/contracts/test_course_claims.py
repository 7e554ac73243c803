"""What theory is sure of comes out `supported` at the standard budget, on the bundled tables."""

from functools import cache

import numpy as np
import pytest

from levelset.data import load, permuted_labels
from levelset.studies import STUDIES, run_study

SURE = {
    "activations": ("sigmoid's gradient shrinks more on its way to the first layer than ReLU's",),
    "depth": (
        "With sigmoid, each further hidden layer leaves less than half",
        "With sigmoid, each further hidden layer leaves less of it than with ReLU",
    ),
    "linearity": (
        "its layers multiplied out",
        "With 1 hidden layer of identity units, training ends within 0.001 nats",
        "With 3 hidden layers of identity units, training ends within 0.001 nats",
        "level sets of the identity network of 3 hidden layers are straight",
    ),
    "weight-penalty": ("The largest λ gives smaller weights than no penalty",),
    "ensembling": ("vary less over seeds than those of one network",),
    "cross-entropy": (
        "is the rows' mean of softmax − one-hot",
        "H(p, q) = H(p) + KL(p‖q)",
        "have the same gradient q − p by the logits",
    ),
}
"""The beginning or another part of each sure claim, by study."""

QUICK = ("wine",)
SLOW = ("iris", "breast_cancer", "digits")


@cache
def verdicts(name: str, table: str) -> dict[str, str]:
    result, _ = run_study(STUDIES[name](), load(table), budget="standard")
    return {finding.claim: finding.verdict for finding in result.findings}


@pytest.mark.parametrize(
    "table", [*QUICK, *(pytest.param(table, marks=pytest.mark.slow) for table in SLOW)]
)
@pytest.mark.parametrize("name", SURE)
def test_what_theory_is_sure_of_is_supported(name, table):
    found = verdicts(name, table)
    for part in SURE[name]:
        (claim,) = [claim for claim in found if part in claim]
        assert found[claim] == "supported", claim


@pytest.mark.parametrize("name", ["activations", "linearity", "cross-entropy", "ensembling"])
def test_permuted_labels_support_no_claim_on_accuracy(name):
    table = permuted_labels(load("iris"), seed=5)
    study = STUDIES[name]()
    assert not study.reason_left_out(table, np.arange(table.rows))
    result, _ = run_study(study, table, budget="quick")
    accuracy = [finding for finding in result.findings if finding.subject == "accuracy"]
    assert accuracy
    assert {finding.verdict for finding in accuracy} == {"not shown"}
