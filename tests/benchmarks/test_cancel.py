import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.cancel import CASES, fleet_of, latency, main, most_in_a_second
from benchmarks.shapes import synthetic


def test_quick_run_prints_and_writes_latencies_and_calls(tmp_path, capsys):
    file = tmp_path / "run.json"
    assert main(["--quick", "--json", str(file)]) == 0
    assert "<= 100" in capsys.readouterr().out
    run = json.loads(file.read_text(encoding="utf-8"))
    assert [case["name"] for case in run["cases"]] == ["study fleet", "study fleet, validating"]
    for case in run["cases"]:
        assert len(case["latency_ms"]["values"]) == run["settings"]["rounds"] == 2
        assert case["latency_ms"]["low"] >= 0
    assert 1 <= run["progress"]["most_in_a_second"] <= run["progress"]["calls"]


def test_run_that_ends_before_its_interrupt_is_an_error():
    shape = replace(CASES[0].shape, rows=20, members=1, epochs=1)
    data = synthetic(shape, np.random.default_rng(0))
    with pytest.raises(RuntimeError, match="ended before it was interrupted"):
        latency(fleet_of(replace(CASES[0], shape=shape), data, threads=1), moment=30.0)


def test_calls_within_a_second_counted_by_hand():
    assert most_in_a_second([0.0, 0.9, 1.0, 1.8]) == 3
    assert most_in_a_second([0.0, 1.0, 2.0]) == 1
    assert most_in_a_second([5.0]) == 1
