import json

import pytest

from benchmarks.report import MOST_BYTES, main


@pytest.mark.slow
def test_quick_run_prints_and_writes_the_time_and_the_size(tmp_path, capsys):
    file = tmp_path / "run.json"
    assert main(["--quick", "--rounds", "1", "--json", str(file)]) == 0
    assert "levelset report wine --budget quick" in capsys.readouterr().out
    (report,) = json.loads(file.read_text(encoding="utf-8"))["reports"]
    assert report["wall_seconds"]["low"] > 0
    assert 100_000 < report["bytes"] < MOST_BYTES
