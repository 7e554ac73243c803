"""`levelset doctor` as a user meets it: what it prints, and how it exits."""

import json

import numpy as np
import pandas as pd
import pytest

from levelset.cli import main

QUICK = ["--hidden", "8", "--epochs", "10"]


def run(*arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return stopped.value.code, " ".join(printed.out.split()), printed.err


@pytest.fixture
def ring_table(tmp_path):
    x = np.random.default_rng(0).uniform(size=(500, 2))
    inside = ((x - 0.5) ** 2).sum(axis=1) < 0.12
    path = tmp_path / "ring.csv"
    pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "inside": inside}).to_csv(path, index=False)
    return path


def test_the_trap_is_named_and_its_cure_is_proved(ring_table, capsys):
    options = ["--hidden", "20", "20", "--activation", "sigmoid", "--no-scale", "--prove"]
    status, out, _ = run("doctor", ring_table, "--target", "inside", *options, capsys=capsys)
    assert status == 0
    assert "PLATEAU TAKEN FOR CONVERGENCE (cure proved: it saves" in out
    assert "UNSCALED INPUTS" in out
    assert "Remedy: Use ReLU. SHOWN: validation loss" in out
    assert "n = 8 paired seeds" in out
    assert "What helps most: " in out
    assert "Add --prove" not in out
    assert "Cause: The loss stands still because" in out


def test_thresholds_are_printed_with_their_sources(capsys):
    status, out, _ = run("doctor", "wine", "--no-scale", *QUICK, capsys=capsys)
    assert status == 0
    assert "> 1 (a)" in out
    assert "(a) LeCun, Bottou, Orr and Müller, Efficient BackProp (1998)" in out
    assert "Columns are in their units." in out
    assert "Add --prove" in out
    assert "SHOWN" not in out


def test_a_recipe_without_fault_is_said_to_have_none(capsys):
    status, out, _ = run("doctor", "wine", "--hidden", "16", "--epochs", "150", capsys=capsys)
    assert status == 0
    assert "No fault found, of the 16 that the doctor looks for." in out
    assert "--prove" not in out


def test_rows_are_listed_to_a_number(tmp_path, capsys):
    values = np.random.default_rng(0).normal(size=(60, 2))
    twice = pd.DataFrame(np.tile(values, (2, 1)), columns=["a", "b"])
    twice["sign"] = np.where(twice["a"] > 0, "plus", "minus")
    twice.to_csv(tmp_path / "twice.csv", index=False)
    words = ("doctor", tmp_path / "twice.csv", "--target", "sign", *QUICK)
    _, out, _ = run(*words, capsys=capsys)
    assert "TRAIN-VALIDATION DUPLICATES" in out
    assert "Rows (counted from 0): " in out
    assert "more (`rows` has all; --json lists them)" in out


def test_json_holds_the_same(ring_table, capsys):
    options = [*QUICK, "--no-scale", "--prove", "--replicates", "3", "--json"]
    status, out, _ = run("doctor", ring_table, "--target", "inside", *options, capsys=capsys)
    assert status == 0
    said = json.loads(out)
    assert {"case", "diagnoses", "proofs", "notes"} == set(said)
    assert all(proof["difference"]["n"] == 3 for proof in said["proofs"])
    assert said["case"]["recipe"] == {"hidden": [8], "epochs": 10}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["wine", "--replicates", "1"], "`--replicates` must be >= 2, got 1"),
        (["nothing.csv"], "nothing.csv"),
        (["wine", "--l2", "-1"], "`l2` must be greater than or equal to 0"),
        (
            ["wine", "--heads", "squared_error"],
            'needs networks that choose a class, with one "softmax" head',
        ),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_paragraph(words, message, capsys):
    status, out, error = run("doctor", *words, capsys=capsys)
    assert status == 2
    assert out == ""
    assert error.count("\n") == 1
    assert message in error
