"""What fleets of members with different heads answer; that of one network is in test_network."""

import numpy as np
import pytest

from levelset.engine import Fleet, Head, Member, Recipe
from levelset.errors import RecipeError
from tests.reference.instruction_sets import every_instruction_set
from tests.reference.tables import make_table

X, KIND = make_table(20, 4, 3)
ANSWERS = {"kind": KIND, "sign": X[:, 0] > 0, "signs": X[:, :2] > 0, "size": X[:, 3]}
RECIPE = Recipe(hidden=(5,), epochs=2)


def make_fleet(*heads: str | tuple[Head, ...], y: object = ANSWERS, **rest: str) -> Fleet:
    fleet = Fleet([Member(RECIPE.changed(heads=each)) for each in heads], X, y, **rest)
    fleet.run()
    return fleet


def head(target: str, loss: str = "softmax") -> Head:
    return Head(target=target, loss=loss)


@every_instruction_set
def test_outputs_of_a_fleet_are_those_of_its_networks(instruction_set: str) -> None:
    fleet = make_fleet(
        (head("kind"), head("size", "squared_error")),
        (head("signs", "sigmoid"),),
        (head("size", "squared_error"), head("sign", "sigmoid"), head("kind")),
        instruction_set=instruction_set,
    )
    together = fleet.outputs(X)
    shapes = [{name: part.shape[1] for name, part in outputs.items()} for outputs in together]
    assert shapes == [{"kind": 3, "size": 1}, {"signs": 2}, {"size": 1, "sign": 1, "kind": 3}]
    for outputs, network in zip(together, fleet.networks, strict=True):
        for name, part in network.outputs(X).items():
            assert outputs[name].tobytes() == part.tobytes()


def test_classes_of_one_target_are_stacked() -> None:
    fleet = make_fleet((head("kind"),), (head("kind"),))
    assert fleet.classes == 3
    expected = [outputs["kind"] for outputs in fleet.outputs(X)]
    np.testing.assert_array_equal(fleet.predict_proba(X), expected)
    np.testing.assert_array_equal(fleet.predict(X), np.argmax(expected, axis=-1))


@pytest.mark.parametrize("losses", [("sigmoid",), ("sigmoid", "softmax"), ("softmax", "sigmoid")])
def test_yes_or_no_are_two_classes(losses: tuple[str, ...]) -> None:
    fleet = make_fleet(*losses, y=X[:, 0] > 0)
    assert fleet.classes == 2
    probabilities = fleet.predict_proba(X)
    assert probabilities.shape == (len(losses), 20, 2)
    for given, network in zip(probabilities, fleet.networks, strict=True):
        assert given.tobytes() == network.predict_proba(X).tobytes()


@pytest.mark.parametrize(
    ("heads", "message"),
    [
        (
            [(head("kind"),), (head("sign"),)],
            "Class probabilities of a fleet need members that choose among the same classes, got "
            '3 of "kind" and 2 of "sign"; `outputs` gives the answers of every member.',
        ),
        (
            [(head("kind"), head("sign", "sigmoid"))],
            'Class probabilities need one head, a "softmax" or a "sigmoid" of one column, got '
            '"softmax" of 3, "sigmoid" of 1; `outputs` gives the answers of every head.',
        ),
        (
            [(head("kind"),), (head("signs", "sigmoid"),)],
            'Class probabilities need one head, a "softmax" or a "sigmoid" of one column, got '
            '"sigmoid" of 2; `outputs` gives the answers of every head.',
        ),
    ],
)
def test_members_that_do_not_choose_the_same(heads: list, message: str) -> None:
    fleet = make_fleet(*heads)
    for use in (fleet.predict_proba, fleet.predict, lambda _: fleet.classes):
        with pytest.raises(RecipeError) as raised:
            use(X)
        assert str(raised.value) == message


def test_repr_names_what_is_learned() -> None:
    fleet = make_fleet(
        (head("kind"), head("signs", "sigmoid"), head("size", "squared_error")),
        (head("kind", "squared_error"),),
        instruction_set="baseline",
    )
    assert repr(fleet).startswith(
        "Fleet(2 members, 4 features, kind: 3 classes, signs: 2 columns, size: 1 column, "
        "kind: 1 column, float32,"
    )
