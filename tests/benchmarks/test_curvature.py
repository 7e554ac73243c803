import json

from benchmarks import curvature


def test_quick_run_prints_and_writes_every_measure(tmp_path, capsys):
    file = tmp_path / "run.json"
    assert curvature.main(["--quick", "--threads", "1", "--json", str(file)]) == 0
    printed = capsys.readouterr().out
    assert "< 3" in printed
    assert "200 rows" in printed
    run = json.loads(file.read_text(encoding="utf-8"))
    assert curvature.TOP_FIVE in run["wall_seconds"]
    for found in run["wall_seconds"].values():
        assert len(found["values"]) == run["settings"]["rounds"] == 2
        assert found["low"] > 0
