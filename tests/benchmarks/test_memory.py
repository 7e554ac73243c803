import json

from benchmarks.memory import SHAPE, build, main, parameters


def test_quick_run_prints_and_writes_every_kind(tmp_path, capsys):
    file = tmp_path / "run.json"
    assert main(["--quick", "--rounds", "1", "--json", str(file)]) == 0
    assert "22.8 kB a network" in capsys.readouterr().out
    run = json.loads(file.read_text(encoding="utf-8"))
    assert [fleet["kind"] for fleet in run["fleets"]] == ["kept", "paused", "copied"]
    for fleet in run["fleets"]:
        assert fleet["members"] == 100
        grown = fleet["peak_bytes"]["median"] - fleet["before_bytes"]["median"]
        assert fleet["bytes_per_member"]["median"] == grown / 100
        # Each network is at least its own numbers.
        assert fleet["peak_bytes"]["median"] > 100 * 4 * run["parameters"]


def test_parameters_counted_by_hand():
    assert parameters(SHAPE.widths) == 20 * 64 + 64 + 64 * 64 + 64 + 64 * 3 + 3 == 5699


def test_worker_trains_and_says_what_it_held():
    held = build("copied", 1)(3, 2)
    assert 0 < held.before_bytes <= held.peak_bytes
