"""The time that is said before training begins."""

import re

import numpy as np
import pytest

from levelset.cli.prediction import announce, duration
from levelset.data import load
from levelset.engine import Recipe
from levelset.studies import STUDIES

IRIS = load("iris")
ROWS = np.arange(IRIS.rows)


def said(*names, recipe=None, rows=ROWS, capsys):
    studies = [STUDIES[name](recipe or Recipe(hidden=(4,), epochs=2)) for name in names]
    announce(studies, IRIS, rows, "quick", 0)
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err


def test_one_line_for_all_studies_together(capsys):
    line = said("softmax", "cross-entropy", capsys=capsys)
    assert re.fullmatch(r"About \d+ s of training; .*\n", line)


def test_more_work_is_said_to_take_longer(capsys):
    line = said("softmax", recipe=Recipe(hidden=(512, 512), epochs=100_000), capsys=capsys)
    assert re.match(r"About [\d.]+ (min|h) of training", line)


def test_nothing_is_said_where_no_study_can_run(capsys):
    assert said("activations", rows=ROWS[:2], capsys=capsys) == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.001, "1 s"),
        (9.4, "9 s"),
        (9.9, "10 s"),
        (94.9, "90 s"),
        (95.1, "2 min"),
        (5399.0, "90 min"),
        (5401.0, "1.5 h"),
    ],
)
def test_durations_are_coarse(seconds, text):
    assert duration(seconds) == text
