"""An examination as plain values, as a line and as a text."""

import json

import pytest

from levelset.diagnostics import diagnose
from tests.diagnostics.tuned import TUNED


@pytest.fixture(scope="module")
def found():
    fleet = next(case for case in TUNED if case.name == "breast cancer, sgd at 100").fleet()
    return diagnose(fleet, prove_remedies=True, replicates=2)


def test_everything_is_said_in_plain_values(found):
    text = json.dumps(found.as_mapping(), allow_nan=False)
    faults = [one.fault for one in found.diagnoses]
    assert [one["fault"] for one in json.loads(text)["diagnoses"]] == faults


def test_a_line_names_the_faults(found):
    first = found.diagnoses[0]
    assert repr(found).startswith(f"Examination({first.fault} ({first.confidence})")
    assert f"{len(found.proofs)} proofs)" in repr(found)


def test_printed_it_is_a_text(found):
    assert str(found) == found.text()
    assert str(found).count("Remedy: ") == sum(len(one.remedies) for one in found.diagnoses)
