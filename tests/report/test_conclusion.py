import dataclasses
import functools

import numpy as np
import pytest

from levelset.engine import Recipe
from levelset.report.baselines import Contest
from levelset.report.conclusion import conclude, headline, recipe_text
from levelset.theory.statistics import Interval
from tests.report.examples import activations_study

ROWS = np.linspace(0.9, 1.1, 40)


def beside(majority, logistic, boosting):
    pairs = {"majority": majority, "logistic": logistic, "boosting": boosting}
    return {
        name: Interval((low + high) / 2, low, high, 0.95, 40) for name, (low, high) in pairs.items()
    }


LOWER, OPEN, HIGHER = (-0.2, -0.1), (-0.1, 0.1), (0.1, 0.2)


@pytest.mark.parametrize(
    ("others", "learnable", "sentence"),
    [
        ((LOWER, LOWER, LOWER), ["logistic"], "An MLP is worth it here: it predicts better than "
         "logistic regression and gradient boosting."),
        ((LOWER, HIGHER, LOWER), ["logistic"], "An MLP is not worth it here: logistic regression "
         "predicts better."),
        ((LOWER, HIGHER, HIGHER), ["logistic"], "An MLP is not worth it here: logistic regression "
         "and gradient boosting predict better."),
        ((LOWER, LOWER, OPEN), ["logistic"], "An MLP predicts better than logistic regression "
         "here, but is not shown to predict better than gradient boosting."),
        ((LOWER, OPEN, OPEN), ["logistic"], "An MLP is not shown to predict better than logistic "
         "regression or gradient boosting here: use the simpler."),
        ((OPEN, OPEN, OPEN), [], "Nothing is shown to be learnable here: no classifier beats the "
         "class frequencies."),
        ((OPEN, OPEN, HIGHER), ["boosting"], "An MLP is not worth it here: gradient boosting "
         "predicts better."),
        ((OPEN, LOWER, LOWER), [], "Nothing is shown to be learnable here: no classifier beats the "
         "class frequencies."),
    ],
)  # fmt: skip
def test_headlines(others, learnable, sentence):
    assert headline(beside(*others), learnable) == sentence


def contest(**losses):
    log_loss = {name: ROWS * mean for name, mean in losses.items()}
    correct = {name: np.full(ROWS.size, 0.8) for name in losses}
    return Contest(log_loss, correct, 8, 0)


@functools.cache
def concluded(**losses):
    study = activations_study()
    return conclude(contest(**losses), Recipe(l2=0.01), [study], [("a", "b = 1")], 0)


def test_how_sure_is_beside_the_closest_rival():
    found = concluded(majority=1.0, logistic=0.5, boosting=0.4, mlp=0.3)
    assert found.headline.startswith("An MLP is worth it here")
    assert found.sure.startswith("The closest of the others is gradient boosting.")
    assert "lies to one side of 0; on 40 test rows" in found.sure


def test_what_the_numbers_rest_on_is_said():
    found = concluded(majority=1.0, logistic=0.5, boosting=0.4, mlp=0.3)
    for words in (
        "On 40 test rows",
        "8 training runs each",
        "from the majority class's",
        "4 claims that the studies tested, 2 are supported, 1 refuted and 1 not shown",
    ):
        assert words in found.why  # fmt: skip


def test_effects_are_those_on_unseen_rows_alone():
    found = concluded(majority=1.0, logistic=0.5, boosting=0.4, mlp=0.3)
    (effect,) = found.effects
    assert (effect.study, effect.finding.verdict) == ("activations", "refuted")
    assert found.unshown == 0
    assert found.choices == (("a", "b = 1"),)


def test_claims_that_are_not_shown_are_counted():
    study = activations_study()
    open_ = dataclasses.replace(study.findings[1], verdict="not shown")
    study = dataclasses.replace(study, findings=(open_, study.findings[0]))
    scores = contest(majority=1.0, logistic=0.5, boosting=0.4, mlp=0.3)
    found = conclude(scores, Recipe(), [study], [], 0)
    assert (found.effects, found.unshown) == ((), 1)


def test_a_recipe_is_the_line_that_makes_it():
    recipe = Recipe(hidden=(4, 4), l2=0.01)
    import levelset

    assert eval(recipe_text(recipe), {"levelset": levelset}) == recipe
