import json

from benchmarks.doctor import COMMANDS, SETS, main


def test_quick_run_prints_and_writes_counts_and_times(tmp_path, capsys):
    file = tmp_path / "run.json"
    assert main(["--quick", "--rounds", "1", "--json", str(file)]) == 0
    assert "false alarms" in capsys.readouterr().out
    run = json.loads(file.read_text(encoding="utf-8"))
    assert set(run["planted"]) == set(SETS)
    for counts in run["planted"].values():
        assert sum(found["planted"] for found in counts.values()) > 0
        assert all(len(found["missed"]) <= found["planted"] for found in counts.values())
    assert [command["line"] for command in run["commands"]] == list(COMMANDS)
    assert all(command["wall_seconds"]["low"] > 0 for command in run["commands"])
