import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import double_descent
from benchmarks.double_descent import FULL, main, projection, scaled


def test_the_full_size_is_the_published_one():
    assert (len(FULL.widths), FULL.seeds, FULL.rows, FULL.epochs) == (28, 5, 4_000, 1_000)
    assert scaled(FULL, FULL.rows, FULL.epochs) == FULL


def test_the_projection_extends_the_line(monkeypatch):
    def seconds(dataset, scale):
        return 0.5 + 2e-6 * scale.rows * scale.epochs

    monkeypatch.setattr(double_descent, "seconds_of", seconds)
    full = replace(FULL, widths=(1, 2))
    found = projection(full, ((500, 2), (1_000, 2), (2_000, 4)), rounds=2)
    assert found["slope_seconds"]["median"] == pytest.approx(2e-6)
    assert found["full_seconds"]["median"] == pytest.approx(0.5 + 2e-6 * 4_000_000)
    assert found["times_the_largest"] == pytest.approx(500)
    for size in found["sizes"]:
        assert size["residual_percent"]["median"] == pytest.approx(0, abs=1e-6)


def test_quick_run_prints_and_writes_the_projection(tmp_path, capsys):
    file = tmp_path / "run.json"
    assert main(["--quick", "--rounds", "1", "--json", str(file)]) == 0
    printed = capsys.readouterr().out
    assert "full size, 4,000 rows x 1,000 epochs, projected:" in printed
    run = json.loads(file.read_text(encoding="utf-8"))
    assert [size["rows"] for size in run["projection"]["sizes"]] == [500, 1_000, 2_000]
    assert np.isfinite(run["projection"]["full_seconds"]["median"])
