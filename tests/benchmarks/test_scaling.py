import json

import numpy as np
import pytest

from benchmarks.scaling import fit_line, main


def test_line_through_points_is_found():
    members = [10, 100, 1_000, 10_000]
    line = fit_line(members, [0.5 + 0.02 * m for m in members])
    assert line == pytest.approx((0.5, 0.02))


def test_line_weighs_relative_errors():
    # s = b m with errors of +-10 % at 1 and at 1,000: absolute errors would see the second alone.
    members, seconds = np.array([1.0, 1_000.0]), np.array([1.1, 900.0])
    line = fit_line([1, 10, 1_000], [1.1, 10.0, 900.0])
    predicted = line.intercept + line.slope * members
    assert (np.abs(predicted / seconds - 1) < 0.1).all()
    assert predicted[0] == pytest.approx(1.1, rel=0.02)


def test_quick_run_prints_and_writes_growth_and_overhead(tmp_path, capsys):
    file = tmp_path / "run.json"
    assert main(["--quick", "--json", str(file)]) == 0
    printed = capsys.readouterr().out
    assert "ms a member" in printed
    assert "< 0.05" in printed
    run = json.loads(file.read_text(encoding="utf-8"))
    assert [size["members"] for size in run["growth"]["sizes"]] == [10, 30, 100]
    assert run["growth"]["slope_seconds"]["median"] > 0
    for size in run["growth"]["sizes"]:
        assert len(size["wall_seconds"]["values"]) == run["settings"]["rounds"] == 2
    assert [kind["kind"] for kind in run["overhead"]] == ["one recipe", "a recipe each"]
    assert all(kind["run_ms"]["median"] > 0 for kind in run["overhead"])
