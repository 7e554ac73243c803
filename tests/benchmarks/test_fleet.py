import json

import pytest

from benchmarks.contestants.registry import SPECIFICATIONS
from benchmarks.fleet import main, parse
from benchmarks.shapes import SHAPES

QUANTITY = {"median", "low", "high", "values"}


def test_quick_run_prints_and_writes_the_stated_schema(tmp_path, capsys):
    file = tmp_path / "run.json"
    arguments = ["--quick", "--contestants", "numpy", "--shapes", "tiny", "--threads", "1"]
    assert main([*arguments, "--json", str(file)]) == 0
    printed = capsys.readouterr().out
    assert "numpy-stacked" in printed
    assert "levelset did not run" in printed
    run = json.loads(file.read_text(encoding="utf-8"))
    assert set(run) == {
        *("schema", "command", "started", "versions", "hardware", "settings", "peak", "shapes")
    }
    assert run["schema"] == 1
    assert run["peak"]["gflops"] > 0
    [shape] = run["shapes"]
    assert shape["widths"] == [32, 64, 5]
    assert shape["flops_per_sample"] == 10112
    [contestant] = shape["contestants"]
    rate = contestant["model_samples_per_second"]
    assert set(rate) == set(contestant["gflops"]) == set(contestant["share_of_peak"]) == QUANTITY
    assert len(rate["values"]) == run["settings"]["rounds"] == 2
    work = contestant["members_timed"] * contestant["epochs_timed"] * shape["rows"]
    assert rate["values"][0] == pytest.approx(work / contestant["wall_seconds"]["values"][0])
    assert contestant["gflops"]["median"] == pytest.approx(rate["median"] * 10112 / 1e9)
    share = contestant["gflops"]["median"] / run["peak"]["gflops"]
    assert contestant["share_of_peak"]["median"] == pytest.approx(share)
    assert contestant["losses"][-1] < contestant["losses"][0]


def test_names_are_whole_or_beginnings():
    options = parse(["--contestants", "torch,numpy-stacked", "--shapes", "study"])
    assert options.contestants == ("torch-single", "torch-stacked", "numpy-stacked")
    assert options.shapes == ("study",)
    assert parse([]).contestants == tuple(SPECIFICATIONS)
    assert parse([]).shapes == tuple(SHAPES)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--shapes", "huge"], "--shapes takes names of tiny"),
        (["--contestants", "numpy,"], "--contestants takes names of levelset"),
        (["--rounds", "0"], "--rounds must be >= 1, got 0"),
        (["--threads", "0"], "--threads must be 1 to"),
        (["--budget", "0"], "--budget must be > 0"),
    ],
)
def test_wrong_command_line_says_what_is_right(arguments, message, capsys):
    with pytest.raises(SystemExit) as stop:
        parse(arguments)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err
