"""The mini-batches of a training: rows drawn, mixed and disturbed, and what they are asked."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from levelset.engine import Recipe
from levelset.theory import (
    Batch,
    Head,
    add_noise,
    balanced_class_weights,
    head_columns,
    mixup,
)
from tests.reference import philox
from tests.reference.targets import Answers, Targets, head_widths, make_targets

Moment = tuple[int, int]  # epoch, and step of the epoch


@dataclass(frozen=True)
class Task:
    """What one member learns, and where its random numbers stand."""

    recipe: Recipe
    x: np.ndarray
    y: Answers
    seed: int
    classes: int | dict[str, int]
    sample_weight: np.ndarray | None = None
    number_bytes: int = 8  # of the engine's numbers: they decide how masks and noise are laid out

    @property
    def steps_per_epoch(self) -> int:
        return -(-len(self.x) // self.recipe.batch_size)

    @cached_property
    def targets(self) -> Targets:
        return make_targets(self.recipe, self.y, head_widths(self.recipe, self.y, self.classes))

    @cached_property
    def row_weights(self) -> np.ndarray:
        """Sample weight times class weight of each row, (n,)."""
        weights = np.ones(len(self.x)) if self.sample_weight is None else self.sample_weight
        if self.recipe.class_weight is None:
            return weights
        present = self.targets.present[:, 0]
        labels = self.targets.values[present].argmax(axis=1)
        own = np.zeros(len(self.x))  # a row without a label has no class, and its weight no use
        own[present] = balanced_class_weights(labels, self.targets.heads[0].width)[labels]
        return weights * own


@dataclass(frozen=True)
class MiniBatch:
    """What the network is given in one step, and the answers that its accuracy is measured by."""

    batch: Batch
    answers: np.ndarray  # (b, c), as they are in the table
    partners: np.ndarray  # (b,): the row that each is mixed with
    share: float

    def hits(self, heads: tuple[Head, ...], outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What each head answered rightly and how often it was asked, (h,) both; NaN: numbers."""
        right, counted = np.full((2, len(heads)), np.nan)
        for number, (head, columns) in enumerate(zip(heads, head_columns(heads), strict=True)):
            asked = self.batch.present[:, number]
            answers, given = self.answers[:, columns], outputs[:, columns]
            if head.loss.name == "softmax_cross_entropy":
                hit = given.argmax(axis=1) == answers.argmax(axis=1)
                other = given.argmax(axis=1) == answers[self.partners].argmax(axis=1)
                each = (self.share * hit + (1 - self.share) * other)[:, np.newaxis]
            elif head.loss.name == "sigmoid_cross_entropy":
                each = (given > 0) == (mixup(answers, self.partners, self.share) > 0.5)
            else:
                continue
            right[number], counted[number] = each[asked].sum(), each[asked].size
        return right, counted


def mini_batch(task: Task, rows: list[int], moment: Moment) -> MiniBatch:
    recipe, count = task.recipe, len(rows)
    share, partners = 1.0, np.arange(count)
    if recipe.mixup > 0:
        share = philox.mixing_share(task.seed, *moment, recipe.mixup)
        partners = np.array(philox.mixing_partners(task.seed, *moment, count))
    present = task.targets.present[rows]
    batch = Batch(
        disturbed_inputs(task, mixup(task.x[rows], partners, share), moment),
        mixup(task.targets.smoothed(recipe.label_smoothing)[rows], partners, share),
        mixup(task.row_weights[rows, np.newaxis], partners, share)[:, 0],
        present & present[partners],
    )
    return MiniBatch(batch, task.targets.values[rows], partners, share)


def disturbed_inputs(task: Task, x: np.ndarray, moment: Moment) -> np.ndarray:
    recipe = task.recipe
    if recipe.input_noise > 0:
        draws = philox.noise(
            (task.seed, philox.INPUT_NOISE, 0, *moment), x.shape, task.number_bytes
        )
        x = add_noise(x, recipe.input_noise, draws)
    if recipe.input_dropout > 0:
        stream = (task.seed, philox.INPUT_DROPOUT, 0, *moment)
        x = x * philox.dropout_mask(stream, x.shape, recipe.input_dropout, task.number_bytes)
    return x


def dropout_masks(task: Task, rows: int, moment: Moment) -> list[np.ndarray] | None:
    if task.recipe.dropout == 0:
        return None
    return [
        philox.dropout_mask(
            (task.seed, philox.DROPOUT, layer, *moment),
            (rows, width),
            task.recipe.dropout,
            task.number_bytes,
        )
        for layer, width in enumerate(task.recipe.hidden)
    ]
