import json

import pytest

from benchmarks import telemetry


@pytest.mark.slow  # it builds the core twice
def test_quick_run_prints_and_writes_the_ratio(tmp_path, capsys):
    file = tmp_path / "run.json"
    assert telemetry.main(["--quick", "--shapes", "tiny", "--json", str(file)]) == 0
    assert "with / without" in capsys.readouterr().out
    (shape,) = json.loads(file.read_text(encoding="utf-8"))["shapes"]
    assert 0.5 < shape["over_bare"]["median"] < 2
