from dataclasses import replace

import numpy as np
import pytest
import torch

from levelset.errors import RecipeError
from levelset.seeds import stream
from levelset.theory import (
    LOSSES,
    Head,
    head_columns,
    head_losses,
    multi_head_loss,
    multi_head_loss_gradient,
)
from tests.reference import finite_differences
from tests.reference import heads as reference

HEADS = (
    Head("species", LOSSES["softmax_cross_entropy"], 3),
    Head("alive", LOSSES["sigmoid_cross_entropy"], 1, weight=0.5),
    Head("colors", LOSSES["sigmoid_cross_entropy"], 2, weight=2.0),
    Head("mass", LOSSES["squared_error"], 1, weight=0.1),
)
ROWS, COLUMNS = 7, 7
GENERATOR = stream(0, "heads")
OUTPUTS = GENERATOR.normal(size=(ROWS, COLUMNS))
TARGETS = np.concatenate(
    [GENERATOR.dirichlet(np.ones(3), size=ROWS), GENERATOR.random((ROWS, 4))], axis=1
)
SAMPLE_WEIGHTS = GENERATOR.uniform(0.5, 2.0, size=ROWS)
PRESENT = GENERATOR.random((ROWS, len(HEADS))) < 0.7
WIDE_PRESENT = np.repeat(PRESENT, [head.width for head in HEADS], axis=1)
HOLED = np.where(WIDE_PRESENT, TARGETS, np.nan)
GIVEN = (HOLED, HEADS, SAMPLE_WEIGHTS, PRESENT)


def test_some_targets_are_missing_and_some_are_not() -> None:
    assert PRESENT.any(axis=0).all()
    assert not PRESENT.all(axis=0).all()


def test_columns_follow_one_another() -> None:
    assert head_columns(HEADS) == (slice(0, 3), slice(3, 4), slice(4, 6), slice(6, 7))


def test_equals_its_slow_twin() -> None:
    value, means, gradient = reference.multi_head_loss(
        OUTPUTS.tolist(),
        HOLED.tolist(),
        [reference.Head(head.loss.name, head.width, head.weight) for head in HEADS],
        SAMPLE_WEIGHTS.tolist(),
        PRESENT.tolist(),
    )
    assert multi_head_loss(OUTPUTS, *GIVEN) == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(head_losses(OUTPUTS, *GIVEN), means, rtol=1e-13)
    np.testing.assert_allclose(
        multi_head_loss_gradient(OUTPUTS, *GIVEN), gradient, rtol=1e-11, atol=1e-15
    )


def test_gradient_is_the_limit_of_differences() -> None:
    expected = finite_differences.gradient(
        lambda outputs: float(multi_head_loss(outputs, *GIVEN)), OUTPUTS
    )
    gradient = multi_head_loss_gradient(OUTPUTS, *GIVEN)
    np.testing.assert_allclose(gradient, expected, rtol=1e-7, atol=1e-10)
    assert not gradient[~WIDE_PRESENT].any()


def test_equals_torch() -> None:
    outputs = torch.tensor(OUTPUTS, requires_grad=True)
    functional = torch.nn.functional
    total = torch.zeros((), dtype=torch.float64)
    for number, (head, columns) in enumerate(zip(HEADS, head_columns(HEADS), strict=True)):
        rows = PRESENT[:, number]
        z, y = outputs[torch.tensor(rows)][:, columns], torch.tensor(TARGETS[rows][:, columns])
        per_row = {
            "softmax_cross_entropy": lambda z, y: functional.cross_entropy(z, y, reduction="none"),
            "sigmoid_cross_entropy": lambda z, y: functional.binary_cross_entropy_with_logits(
                z, y, reduction="none"
            ).sum(dim=1),
            "squared_error": lambda z, y: functional.mse_loss(z, y, reduction="none").sum(dim=1),
        }[head.loss.name](z, y)
        w = torch.tensor(SAMPLE_WEIGHTS[rows])
        total = total + head.weight * (w * per_row).sum() / w.sum()
    total.backward()
    assert outputs.grad is not None
    assert multi_head_loss(OUTPUTS, *GIVEN) == pytest.approx(total.item(), rel=1e-12)
    np.testing.assert_allclose(
        multi_head_loss_gradient(OUTPUTS, *GIVEN), outputs.grad.numpy(), rtol=1e-11, atol=1e-15
    )


def test_one_head_is_the_weighted_mean_of_its_loss() -> None:
    head = replace(HEADS[0], weight=1.0)
    outputs, targets = OUTPUTS[:, :3], TARGETS[:, :3]
    expected = np.average(head.loss.value(outputs, targets), weights=SAMPLE_WEIGHTS)
    assert multi_head_loss(outputs, targets, [head], SAMPLE_WEIGHTS) == pytest.approx(expected)


def test_a_row_without_a_target_is_as_if_not_there_for_that_head_alone() -> None:
    heads, present = HEADS[2:], np.ones((ROWS, 2), dtype=bool)
    present[4, 1] = False
    outputs, targets = OUTPUTS[:, 4:], TARGETS[:, 4:]
    rest = np.delete(np.arange(ROWS), 4)
    given = head_losses(outputs, targets, heads, SAMPLE_WEIGHTS, present)
    whole = head_losses(outputs, targets, heads, SAMPLE_WEIGHTS)
    without = head_losses(outputs[rest], targets[rest], heads, SAMPLE_WEIGHTS[rest])
    np.testing.assert_allclose(given, [whole[0], without[1]], rtol=1e-13)
    assert not np.isclose(whole[1], without[1])


def test_a_head_without_any_target_adds_nothing() -> None:
    present = np.ones((ROWS, 4), dtype=bool)
    present[:, 0] = False
    targets = TARGETS.copy()
    targets[:, :3] = np.nan
    assert head_losses(OUTPUTS, targets, HEADS, present=present)[0] == 0.0
    assert not multi_head_loss_gradient(OUTPUTS, targets, HEADS, present=present)[:, :3].any()


def test_leading_axes_are_independent() -> None:
    outputs, targets = np.stack([OUTPUTS, -OUTPUTS]), np.stack([HOLED, HOLED])
    weights, present = np.stack([SAMPLE_WEIGHTS] * 2), np.stack([PRESENT] * 2)
    given = (targets, HEADS, weights, present)
    for network in range(2):
        np.testing.assert_allclose(
            np.asarray(multi_head_loss(outputs, *given))[network],
            multi_head_loss(outputs[network], *GIVEN),
            rtol=1e-13,
        )
        np.testing.assert_allclose(
            multi_head_loss_gradient(outputs, *given)[network],
            multi_head_loss_gradient(outputs[network], *GIVEN),
            rtol=1e-13,
        )


def test_heads_of_another_width_are_refused() -> None:
    with pytest.raises(RecipeError, match=r"outputs of the last layer = 7, got 6; give the last"):
        multi_head_loss(OUTPUTS, TARGETS, HEADS[:3])
