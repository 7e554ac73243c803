import json

import numpy as np
import pytest

from benchmarks.null_studies import LIMIT, ROWS, count, fitting_studies, main, null_table


def test_a_null_table_is_balanced_and_its_labels_tell_nothing():
    table = null_table(3)
    assert np.bincount(table.targets).tolist() == [ROWS // 2, ROWS // 2]
    assert not np.array_equal(table.targets, null_table(4).targets)


def test_quick_run_prints_and_writes_counts(tmp_path, capsys):
    file = tmp_path / "run.json"
    assert main(["--tables", "2", "--studies", "activations", "--json", str(file)]) == 0
    assert "2 null tables" in capsys.readouterr().out
    counted = json.loads(file.read_text(encoding="utf-8"))["studies"]["activations"]
    assert counted["accuracy_claims"] == 2
    assert counted["loss_claims"] == 6


@pytest.mark.slow
def test_null_tables_support_few_claims_on_accuracy():
    counted = [count(name, 10) for name in fitting_studies()]
    claims = sum(found["accuracy_claims"] for found in counted)
    supported = sum(found["accuracy_supported"] for found in counted)
    assert claims >= 100
    assert supported < LIMIT * claims
