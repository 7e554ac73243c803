import json

import numpy as np
import pytest

from benchmarks.features import FEATURES, PLAIN, main, parse, problem_of, train
from benchmarks.plain import plain_recipe
from benchmarks.shapes import SHAPES

QUANTITY = {"median", "low", "high", "values"}


def test_quick_run_prints_and_writes_every_feature(tmp_path, capsys):
    file = tmp_path / "run.json"
    asked = "dropout,sample-weight,early-stopping,tanh"
    assert main(["--quick", "--features", asked, "--json", str(file)]) == 0
    printed = capsys.readouterr().out
    assert "dropout=0.3" in printed
    assert "<= 1.25" in printed
    [shape] = json.loads(file.read_text(encoding="utf-8"))["shapes"]
    assert [feature["name"] for feature in shape["features"]] == asked.split(",")
    plain = shape["plain_seconds"]
    assert set(plain) == set(shape["plain_again"]["cpu"]) == QUANTITY
    for feature in shape["features"]:
        for ours, theirs, over in zip(
            feature["wall_seconds"]["values"],
            plain["values"],
            feature["over_plain"]["wall"]["values"],
            strict=True,
        ):
            assert over == pytest.approx(ours / theirs)


@pytest.mark.parametrize("name", list(FEATURES))
def test_feature_differs_from_the_plain_recipe_in_what_it_says(name):
    feature, plain = FEATURES[name], plain_recipe(SHAPES["study"], 2)
    changed = plain.changed(**feature.changes)
    assert (changed != plain) == bool(feature.changes)
    assert feature.changes or feature.weighted or feature.validated


def test_features_are_those_asked_for_and_study_is_the_shape():
    assert parse([]).shapes == ("study",)
    assert parse([]).features == tuple(FEATURES)
    assert parse(["--features", "input"]).features == ("input-noise", "input-dropout")


def test_validation_rows_are_a_quarter_and_no_training_rows():
    shape = SHAPES["study"].shortened()
    problem = problem_of(shape)
    assert problem.training.features.shape == (2000, 20)
    assert problem.validation.features.shape == (500, 20)
    assert not set(map(bytes, problem.training.features)) & set(
        map(bytes, problem.validation.features)
    )
    assert min(train(problem, PLAIN, threads=1)) > 0
    assert np.isfinite(problem.validation.features).all()
