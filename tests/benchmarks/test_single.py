import json

import pytest

from benchmarks import single
from benchmarks.contestants.registry import SPECIFICATIONS


def test_quick_run_trains_one_network_and_prints_the_targets(tmp_path, monkeypatch, capsys):
    # The peers' ways to be set up take seconds to start; one of each is enough to see the tables.
    found = tuple(SPECIFICATIONS[name] for name in ("levelset", "scikit-learn"))
    monkeypatch.setattr(single, "CONTESTANTS", found)
    file = tmp_path / "run.json"
    arguments = ["--quick", "--threads", "1", "--shapes", "study", "--json", str(file)]
    assert single.main(arguments) == 0
    printed = capsys.readouterr().out
    assert "scikit-learn (>= 5)" in printed
    assert "torch-eager (>= 10)" in printed
    assert "not measured" in printed
    [shape] = json.loads(file.read_text(encoding="utf-8"))["shapes"]
    assert shape["members"] == 1
    assert [contestant["members_timed"] for contestant in shape["contestants"]] == [1, 1]
    assert shape["levelset_over"]["scikit-learn"]["median"] > 0


def test_peers_may_use_one_thread_or_all():
    by_name = {contestant.name: contestant for contestant in single.CONTESTANTS}
    assert set(single.TARGETS) < set(by_name)
    for name in single.TARGETS:
        assert {variant.one_process for variant in by_name[name].variants} == {True, False}


def test_wrong_shape_says_what_is_right(capsys):
    with pytest.raises(SystemExit):
        single.main(["--shapes", "huge"])
    assert "--shapes takes names of tiny" in capsys.readouterr().err
