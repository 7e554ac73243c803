import pydantic
import pytest

from levelset.engine import Head
from levelset.engine.heads import as_heads
from levelset.errors import RecipeError


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "`target` must be given."),
        ({"target": 3}, "`target` must be a valid string, got 3."),
        ({"target": ""}, "`target` must have at least 1 character, got ''."),
        (
            {"target": "a", "loss": "hinge"},
            "`loss` must be 'softmax', 'sigmoid' or 'squared_error', got 'hinge'.",
        ),
        ({"target": "a", "weight": 0}, "`weight` must be greater than 0, got 0."),
        ({"target": "a", "weight": float("inf")}, "`weight` must be a finite number, got inf."),
        ({"target": "a", "los": "sigmoid"}, "`los` is not a field of a head; did you mean `loss`?"),
        (
            {"target": "a", "columns": 3},
            "`columns` is not a field of a head; fields: target, loss, weight.",
        ),
    ],
    ids=str,
)
def test_fault_is_named(fields: dict, message: str) -> None:
    with pytest.raises(RecipeError) as raised:
        Head(**fields)
    assert str(raised.value) == message


def test_is_frozen() -> None:
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        Head(target="a").weight = 3.0  # pyright: ignore[reportAttributeAccessIssue]


def test_equal_heads_hash_alike() -> None:
    assert len({Head(target="a"), Head(target="a", weight=1), Head(target="b")}) == 2


def test_a_name_is_one_head_of_the_only_target() -> None:
    assert as_heads("sigmoid") == (Head(target="y", loss="sigmoid"),)
    assert as_heads((Head(target="a"),)) == (Head(target="a"),)
