import json

import pytest

from benchmarks.machine import available_cores
from benchmarks.options import common_parser, publish, read_common, select


def read(*arguments: str):
    parser = common_parser("benchmarks.some", "Measure something.", rounds=7)
    return read_common(parser, parser.parse_args(arguments), arguments)


def test_defaults_are_those_of_the_benchmark_and_of_the_machine():
    common = read()
    assert (common.rounds, common.threads, common.json) == (7, available_cores(), None)
    assert common.command == "python -m benchmarks.some"


def test_quick_runs_have_two_rounds_unless_told_otherwise():
    assert read("--quick").rounds == 2
    assert read("--quick", "--rounds", "3").rounds == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rounds", "0"], "--rounds must be >= 1, got 0"),
        (["--threads", "0"], "--threads must be 1 to"),
        (["--threads", "100000"], "the cores available, got 100000"),
    ],
)
def test_wrong_option_says_what_is_right(arguments, message, capsys):
    with pytest.raises(SystemExit) as stop:
        read(*arguments)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_names_are_selected_whole_before_by_their_beginnings():
    parser = common_parser("benchmarks.some", None, rounds=1)
    names = ("l2", "layer", "l2-path")
    assert select(parser, "--names", "l2", names) == ("l2",)
    assert select(parser, "--names", "l", names) == names
    assert select(parser, "--names", None, names) == names


def test_run_is_printed_and_written(tmp_path, capsys):
    file = tmp_path / "run.json"
    publish({"schema": 1}, "a table", file)
    assert capsys.readouterr().out == "a table\n"
    assert json.loads(file.read_text(encoding="utf-8")) == {"schema": 1}
