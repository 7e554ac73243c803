"""Any recipe on any table: each field at random, by whatever chooses."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from levelset.engine import Head, Member, Recipe
from levelset.seeds import stream
from levelset.theory import ACTIVATIONS, INITIALIZERS, NORMALIZATIONS, SCHEDULES
from tests.reference.tables import make_table
from tests.reference.targets import Answers

Choose = Callable[[Sequence[Any]], Any]

FIELDS: dict[str, Sequence[Any]] = {
    "hidden": range(4),  # how many layers
    "activation": [*ACTIVATIONS],
    "initializer": [None, *INITIALIZERS],
    "gain": [0.5, 1.0],
    "normalization": ["none", *NORMALIZATIONS],
    "residual": [False, True],
    "heads": [],  # those of the table
    "optimizer": ["adam", "sgd", "adamw"],
    "learning_rate": [1e-3, 0.03, 0.3],
    "momentum": [0.0, 0.9],
    "nesterov": [False, True],
    "beta1": [0.0, 0.9],
    "beta2": [0.9, 0.999],  # below β₁² Adam divides moments by next to nothing
    "epsilon": [1e-8, 1e-3],
    "schedule": [*SCHEDULES],
    "warmup_epochs": [0.0, 0.4, 0.99],
    "drop_epochs": [1, 2, 3],
    "drop_factor": [0.1, 1.0],
    "learning_rate_factors": [None, 0.0, 0.3],  # the last layer's
    "batch_size": range(1, 71),
    "epochs": range(1, 7),
    "l2": [0.0, 1e-3, 0.1],
    "weight_decay": [0.0, 0.01, 1.0],
    "gradient_clip": [None, 0.01, 1.0],
    "dropout": [0.0, 0.25, 0.9],
    "input_dropout": [0.0, 0.25, 0.9],
    "input_noise": [0.0, 0.1, 3.0],
    "weight_noise": [0.0, 0.01, 0.3],
    "mixup": [0.0, 0.2, 3.0],
    "sam_radius": [0.0, 0.05, 1.0],
    "label_smoothing": [0.0, 0.1, 0.9],
    "class_weight": [None, "balanced"],
    "averaging": ["none", "ema", "swa"],
    "average_decay": [0.0, 0.5, 0.999],
    "average_start": [0.0, 0.5, 0.9],
    "monitor": ["loss", "accuracy"],
    "patience": [None, 1, 2],
    "min_delta": [0.0, 0.01],
}


def chooser(generator: np.random.Generator) -> Choose:
    return lambda options: options[int(generator.integers(len(options)))]


def draw_recipe(choose: Choose, names: Sequence[str], targets: Answers, widest: int = 40) -> Recipe:
    """Each field at random, then made to agree with the others.

    `names` are the losses that a plain array allows, that of the target "y" of a mapping too.
    """
    fields = {name: choose(options) for name, options in FIELDS.items() if name != "heads"}
    alike, layers = choose(range(1, widest + 1)), fields["hidden"]
    same = choose([False, True])  # else there is hardly ever a residual
    widths = [alike if same else choose(range(1, widest + 1)) for _ in range(layers)]
    fields["hidden"] = tuple(widths)
    if choose([False, True]):
        fields["activation"] = tuple(choose(FIELDS["activation"]) for _ in widths)
    if fields["learning_rate_factors"] is not None:
        own = [choose([0.0, 0.5, 1.0, 2.0]) for _ in widths]
        fields["learning_rate_factors"] = (*own, fields["learning_rate_factors"])
    if fields["optimizer"] != "sgd" or fields["momentum"] == 0:
        fields["nesterov"] = False
    if fields["optimizer"] == "adam":
        fields["weight_decay"] = 0.0
    return Recipe(**fields | _heads(choose, names, targets, fields))


def _heads(choose: Choose, names: Sequence[str], targets: Answers, fields: dict) -> dict:
    """The heads, and what depends on them."""
    heads = choose(names)
    losses = {heads}
    if isinstance(targets, dict) and choose([False, True, True]):
        some = [head for head in HEADS if choose([False, True])]
        heads = tuple(some or HEADS[:1])
        losses = {head.loss for head in heads}
    alone = heads == "softmax" or (losses == {"softmax"} and len(heads) == 1)
    classifies = losses != {"squared_error"}
    return {
        "heads": heads,
        "class_weight": fields["class_weight"] if alone else None,
        "label_smoothing": fields["label_smoothing"] if "softmax" in losses else 0.0,
        "monitor": fields["monitor"] if classifies else "loss",
    }


HEADS = (
    Head(target="kind", weight=0.7),
    Head(target="flag", loss="sigmoid"),
    Head(target="flags", loss="sigmoid", weight=0.3),
    Head(target="size", loss="squared_error", weight=0.1),
    Head(target="sizes", loss="squared_error", weight=2.0),
)


def draw_targets(rows: int, classes: int, seed: int) -> dict[str, np.ndarray]:
    """A target for each of HEADS with answers missing, and "y" with all of two classes."""
    generator = stream(seed, "any targets", rows, classes)
    targets = {
        "kind": generator.integers(0, classes, rows),
        "flag": generator.integers(0, 2, rows),
        "flags": generator.integers(0, 2, (rows, 3)),
        "size": generator.normal(size=rows),
        "sizes": generator.normal(size=(rows, 2)),
    }
    for name, target in targets.items():
        missing = generator.random(rows) < generator.choice([0.0, 0.3, 0.9])
        missing[0] = False
        targets[name] = target.astype(float)
        targets[name][missing] = np.nan
    return targets | {"y": generator.integers(0, 2, rows)}


def draw_table(rows: int, features: int, classes: int, *, named: bool, seed: int = 0) -> tuple:
    """Features, targets, and the losses that the target "y" allows."""
    x, y = make_table(rows, features, classes, seed=seed)
    names = ["softmax", "squared_error"]
    if not named:
        return x, y, names + ["sigmoid"] * (classes == 2)
    return x, draw_targets(rows, classes, seed), [*names, "sigmoid"]


def draw_members(drawn: list[Recipe], rows: int, generator: np.random.Generator) -> list[Member]:
    """The recipes on all rows, on rows with repeats, and on counted rows, in turn."""
    members = []
    for seed, recipe in enumerate(drawn):
        sample = generator.integers(0, rows, size=int(generator.integers(1, rows + 1)))
        ways = ({}, {"rows": sample}, {"counts": np.bincount(sample, minlength=rows)})
        members.append(Member(recipe, seed=seed, **ways[int(generator.integers(3))]))
    return members
