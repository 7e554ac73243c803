"""MLPClassifier: a fleet's networks behind scikit-learn's interface."""

import inspect
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import levelset
from levelset.engine import Fleet, Member, Recipe
from levelset.errors import DataError, RecipeError
from levelset.estimators import MLPClassifier
from levelset.estimators.parameters import ADDED, LEFT_OUT

RECIPE = Recipe(hidden=(8,), epochs=20, learning_rate=0.01)
GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(120, 3)).astype(np.float32)
Y = (X[:, 0] + X[:, 1] > 0).astype(int)


def classifier(**changes: Any) -> MLPClassifier:
    clf = MLPClassifier((8,), epochs=20, learning_rate=0.01, random_state=5)
    return clf.set_params(**changes)


def weights_of(networks) -> list[bytes]:
    return [network.flat().tobytes() for network in networks]


def test_its_parameters_are_the_fields_of_a_recipe_with_their_defaults() -> None:
    fields = {
        name: field.default for name, field in Recipe.model_fields.items() if name not in LEFT_OUT
    }
    parameters = inspect.signature(MLPClassifier).parameters
    assert {name: each.default for name, each in parameters.items()} == fields | dict(ADDED)
    assert list(parameters) == [*fields, *ADDED]


def test_its_networks_are_a_fleets_byte_for_byte() -> None:
    clf = classifier(ensemble_size=3).fit(X, Y)
    fleet = Fleet([Member(RECIPE, seed=5 + number) for number in range(3)], X, Y)
    fleet.run()
    assert weights_of(clf.networks_) == weights_of(fleet.networks)
    assert clf.predict_proba(X) == pytest.approx(fleet.predict_proba(X).mean(axis=0), abs=1e-6)
    assert clf.recipe_ == RECIPE
    assert clf.n_iter_ == 20


def test_rows_that_are_held_out_validate() -> None:
    clf = classifier(validation_fraction=0.25, patience=3, epochs=200).fit(X, Y)
    held_out = clf.validation_rows_
    learned = np.setdiff1d(np.arange(len(Y)), held_out)
    recipe = RECIPE.changed(patience=3, epochs=200)
    fleet = Fleet(
        [Member(recipe, seed=5)], X[learned], Y[learned], validation=(X[held_out], Y[held_out])
    )
    fleet.run()
    assert len(held_out) == 30
    assert weights_of(clf.networks_) == weights_of(fleet.networks)
    assert clf.record_.stop_reason == ("patience",)


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["no", "yes"]),
        np.array(["no", "yes"], dtype=object),
        np.array([False, True]),
        np.array([2.0, 7.0]),
        np.array([-1, 1], dtype=np.int8),
    ],
    ids=lambda labels: str(labels.dtype),
)
def test_labels_come_back_as_they_were_given(labels: np.ndarray) -> None:
    clf = classifier().fit(X, labels[Y])
    assert clf.classes_.tolist() == labels.tolist()
    assert clf.predict(X).dtype == labels.dtype
    assert clf.score(X, labels[Y]) > 0.9


@pytest.mark.parametrize("kind", ["category", "string", "Int64", "boolean"])
def test_columns_of_a_table_are_labels(kind: str) -> None:
    values = {"Int64": [3, 4], "boolean": [False, True]}.get(kind, ["a", "b"])
    y = pd.Series(np.array(values)[Y]).astype(kind)  # pyright: ignore[reportArgumentType, reportCallIssue]
    assert set(classifier().fit(X, y).predict(X)) == set(values)


def test_columns_of_a_table_have_names() -> None:
    table = pd.DataFrame(X, columns=["size", "hue", "age"])
    clf = classifier().fit(table, Y)
    assert clf.feature_names_in_.tolist() == ["size", "hue", "age"]
    assert (clf.predict(table) == classifier().fit(X, Y).predict(X)).all()
    with pytest.raises(ValueError, match="feature names should match"):
        clf.predict(table[["hue", "size", "age"]])


def test_a_search_over_a_pipeline_finds_what_can_learn() -> None:
    rows, labels = load_wine(return_X_y=True, as_frame=True)
    pipe = make_pipeline(StandardScaler(), classifier(epochs=30))
    grid = {"mlpclassifier__l2": [0.0, 10.0], "mlpclassifier__hidden": [(8,), (4, 4)]}
    search = GridSearchCV(pipe, grid, cv=3).fit(rows, labels)
    assert search.best_params_["mlpclassifier__l2"] == 0.0
    assert search.best_score_ > 0.9
    assert cross_val_score(pipe, rows, labels, cv=3).min() > 0.85


def test_values_of_a_search_may_be_numpys() -> None:
    values = {"epochs": np.int64(2), "l2": np.float64(0.1), "hidden": [np.int64(4)]}
    clf = classifier().set_params(**values)
    assert clf.fit(X, Y).recipe_ == Recipe(hidden=(4,), epochs=2, learning_rate=0.01, l2=0.1)


def test_rows_of_weight_0_do_not_count() -> None:
    weights = np.ones(len(Y))
    weights[:30] = 0
    other = Y.copy()
    other[:30] = 1 - other[:30]
    first = classifier().fit(X, Y, sample_weight=weights)
    second = classifier().fit(X, other, sample_weight=pd.Series(weights))
    assert weights_of(first.networks_) == weights_of(second.networks_)
    assert weights_of(first.networks_) != weights_of(classifier().fit(X, Y).networks_)


def test_weights_of_classes_are_weights_of_their_rows() -> None:
    names = np.array(["no", "yes"])[Y]
    by_class = classifier(class_weight={"yes": 5}).fit(X, names)
    by_row = classifier().fit(X, names, sample_weight=np.where(Y == 1, 5.0, 1.0))
    assert weights_of(by_class.networks_) == weights_of(by_row.networks_)


def test_classes_may_be_balanced_as_in_a_recipe() -> None:
    clf = classifier(class_weight="balanced").fit(X[:70], Y[:70])
    fleet = Fleet([Member(RECIPE.changed(class_weight="balanced"), seed=5)], X[:70], Y[:70])
    fleet.run()
    assert weights_of(clf.networks_) == weights_of(fleet.networks)


def test_a_generator_gives_the_seed() -> None:
    first, second = (classifier(random_state=np.random.RandomState(1)).fit(X, Y) for _ in range(2))
    assert first.seed_ == second.seed_
    assert classifier(random_state=np.random.RandomState(2)).fit(X, Y).seed_ != first.seed_


def test_without_a_seed_two_fits_differ() -> None:
    first, second = (classifier(random_state=None).fit(X, Y) for _ in range(2))
    assert first.seed_ != second.seed_


def test_a_clone_is_not_fitted() -> None:
    with pytest.raises(NotFittedError):
        clone(classifier().fit(X, Y)).predict(X)  # pyright: ignore[reportAttributeAccessIssue]


def test_it_is_pickled_without_the_rows_and_without_this_machine() -> None:
    clf = classifier().fit(X, Y)
    twice = classifier().fit(np.tile(X, (50, 1)), np.tile(Y, 50))
    packed = pickle.dumps(clf)
    assert len(pickle.dumps(twice)) < 1.1 * len(packed)
    again = pickle.loads(packed)
    assert (again.predict_proba(X) == clf.predict_proba(X)).all()
    assert all(network.instruction_set == "" for network in again.networks_)
    assert repr(again.diagnose(X, Y)) == repr(clf.diagnose(X, Y))


class TestDiagnose:
    def test_finds_what_the_doctor_finds_in_the_same_fleet(self) -> None:
        rows, labels = load_wine(return_X_y=True)
        clf = classifier(ensemble_size=3, validation_fraction=0.25).fit(rows, labels)
        held_out = clf.validation_rows_
        learned = np.setdiff1d(np.arange(len(labels)), held_out)
        fleet = Fleet(
            [Member(RECIPE, seed=5 + number) for number in range(3)],
            rows[learned],
            labels[learned],
            validation=(rows[held_out], labels[held_out]),
        )
        fleet.run()
        found, expected = clf.diagnose(rows, labels), levelset.diagnose(fleet)
        assert "unscaled inputs" in repr(found)
        assert [one.fault for one in found.diagnoses] == [one.fault for one in expected.diagnoses]
        assert found.case.validation_loss == pytest.approx(expected.case.validation_loss)

    def test_proves_its_remedies(self) -> None:
        rows, labels = load_wine(return_X_y=True)
        clf = classifier(activation="tanh", validation_fraction=0.25).fit(rows, labels)
        found = clf.diagnose(rows, labels, prove=True, replicates=3)
        scaled = next(one for one in found.proofs if one.remedy.data == "standardize")
        assert scaled.verdict == "shown"
        assert scaled.difference.n == 3

    def test_says_names_of_columns_and_numbers_of_rows(self) -> None:
        rows, labels = load_iris(return_X_y=True, as_frame=True)
        clf = classifier(validation_fraction=0.2).fit(rows * 100, labels)
        case = clf.diagnose(rows * 100, labels).case
        assert case.names[0] == "sepal length (cm)"
        assert sorted(case.row_numbers) == list(range(150))
        at = case.row_numbers[len(case.y) :]
        assert case.x_validation == pytest.approx(np.asarray(rows)[at] * 100, rel=1e-6)

    def test_in_a_pipeline_takes_what_the_last_step_was_given(self) -> None:
        rows, labels = load_wine(return_X_y=True)
        pipe = make_pipeline(StandardScaler(), classifier(epochs=60)).fit(rows, labels)
        last: Any = pipe[-1]
        found = last.diagnose(pipe[:-1].transform(rows), labels)
        assert "unscaled inputs" not in repr(found)
        assert found.notes

    def test_refuses_rows_that_it_was_not_fitted_on(self) -> None:
        clf = classifier().fit(X, Y)
        others = [(X[::-1], Y[::-1]), (X, 1 - Y), (X, Y + 3), (X[:100], Y[:100])]
        for rows, labels in others:
            with pytest.raises(DataError, match="needs the rows, labels and weights that the"):
                clf.diagnose(rows, labels)

    def test_wants_the_weights_too(self) -> None:
        weights = np.linspace(1, 2, len(Y))
        clf = classifier().fit(X, Y, sample_weight=weights)
        assert clf.diagnose(X, Y, weights).case.sample_weight is not None
        with pytest.raises(DataError, match="labels and weights"):
            clf.diagnose(X, Y)

    def test_needs_a_fit(self) -> None:
        with pytest.raises(NotFittedError):
            classifier().diagnose(X, Y)


def test_divergence_is_said_and_counts_as_not_knowing() -> None:
    clf = classifier(optimizer="sgd", learning_rate=1e30)
    with pytest.warns(ConvergenceWarning, match="1 of 1 networks diverged.*`diagnose"):
        clf.fit(X * 1e6, Y)
    probabilities = clf.predict_proba(X)
    assert np.isfinite(probabilities).all()
    assert "diverged" in str(clf.diagnose(X * 1e6, Y))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"patience": 5}, "`patience=5` needs validation rows, got `validation_fraction=0`"),
        ({"monitor": "accuracy"}, '`monitor="accuracy"` needs validation rows'),
        ({"ensemble_size": 0}, "`ensemble_size` must be an integer >= 1, got 0"),
        ({"ensemble_size": 1.5}, "`ensemble_size` must be an integer >= 1, got 1.5"),
        ({"dtype": "float16"}, '`dtype` must be "float32" or "float64", got \'float16\''),
        ({"validation_fraction": 1}, r"`validation_fraction` must be in \[0, 1\), got 1"),
        ({"l2": -1, "dropout": 2}, "`l2` must be .*, got -1. `dropout` must be .*, got 2"),
        ({"hidden": 64}, "`hidden` must be a valid tuple, got 64"),
        ({"random_state": -1}, "`seed` must be an integer in"),
        ({"threads": 0}, "`threads` must be a positive integer or None, got 0"),
    ],
)
def test_wrong_parameters_are_refused_when_it_is_fitted(changes: dict, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        classifier().set_params(**changes).fit(X, Y)
