import json

from benchmarks.team import main


def test_quick_run_prints_speed_and_finds_the_same_bytes(tmp_path, capsys):
    file = tmp_path / "run.json"
    assert main(["--quick", "--json", str(file)]) == 0
    assert "64-256-256-10" in capsys.readouterr().out
    run = json.loads(file.read_text(encoding="utf-8"))
    assert [shape["same_bytes"] for shape in run["shapes"]] == [True, True]
