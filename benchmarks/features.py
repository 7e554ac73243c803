"""Measure what every feature of the engine costs over the plain recipe, in one run.

python -m benchmarks.features
python -m benchmarks.features --shapes tiny,study --features dropout,batch-normalization --rounds 9

In every round the plain fleet trains first and last and the features between, in random order; a
feature's ratio is to the mean of the two plain trainings of its own round. The row "plain again" is
the last plain training over the first: what the machine's own noise does to a ratio. Ratios are
given of wall time and of the processors' time; on a machine that others use the second is steadier.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple, get_args

import numpy as np

from benchmarks.machine import provenance
from benchmarks.measurement import Summary, ratio, summarize
from benchmarks.options import Common, common_parser, publish, read_common, say, select
from benchmarks.plain import plain_recipe
from benchmarks.shapes import SHAPES, Data, Shape, synthetic
from benchmarks.tables import cells, columns, heading
from levelset.engine import Fleet, Member
from levelset.engine.recipe import ActivationName


@dataclass(frozen=True)
class Feature:
    """One thing that the plain recipe is without.

    Args:
        name: Name on the command line and in the output.
        changes: Fields of the recipe that differ from the plain one's.
        weighted: Whether the rows have weights.
        validated: Whether a quarter as many rows again are validated on after every epoch.
        target: What its ratio to the plain recipe should be.
    """

    name: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    weighted: bool = False
    validated: bool = False
    target: str = ""


PLAIN = Feature("plain")

FEATURES: Mapping[str, Feature] = {
    feature.name: feature
    for feature in (
        Feature("dropout", {"dropout": 0.3}, target="<= 1.25"),
        Feature("input-noise", {"input_noise": 0.1}, target="<= 1.25"),
        Feature("input-dropout", {"input_dropout": 0.1}),
        Feature("weight-noise", {"weight_noise": 0.01}),
        Feature("batch-normalization", {"normalization": "batch"}, target="<= 1.30"),
        Feature("layer-normalization", {"normalization": "layer"}),
        Feature("residual", {"residual": True}),
        Feature("label-smoothing", {"label_smoothing": 0.1}),
        Feature("mixup", {"mixup": 0.2}),
        Feature("sharpness-aware", {"sam_radius": 0.05}, target="about 2"),
        Feature("gradient-clip", {"gradient_clip": 1.0}),
        Feature("l2", {"l2": 1e-4}),
        Feature("weight-decay", {"optimizer": "adamw", "weight_decay": 1e-2}),
        Feature("ema", {"averaging": "ema"}),
        Feature("sgd", {"optimizer": "sgd"}),
        Feature("sample-weight", weighted=True),
        Feature("early-stopping", validated=True),
        *(
            Feature(name, {"activation": name})
            for name in get_args(ActivationName)
            if name != "relu"
        ),
    )
}


class Cost(NamedTuple):
    """What one training took: time on the clock, and of the processors over all threads."""

    wall_seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class Options:
    """What the command line says.

    Args:
        common: Options of every benchmark.
        shapes: Names of the shapes.
        features: Names of the features.
    """

    common: Common
    shapes: tuple[str, ...]
    features: tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """One shape with its rows.

    Args:
        shape: What is trained.
        training: The rows that it is trained on.
        validation: A quarter as many rows again.
    """

    shape: Shape
    training: Data
    validation: Data


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    Args:
        arguments: The command line without the program's name; None: that of this process.

    Returns:
        Exit status.
    """
    options = parse(list(sys.argv[1:] if arguments is None else arguments))
    common = options.common
    run = provenance(common.command, common.threads) | {
        "settings": {"rounds": common.rounds, "quick": common.quick, "dtype": "float32"}
    }
    features = [FEATURES[name] for name in options.features]
    shapes = [SHAPES[name] for name in options.shapes]
    run["shapes"] = [
        measure(shape.shortened() if common.quick else shape, features, common) for shape in shapes
    ]
    publish(run, render(run), common.json)
    return 0


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line; a wrong one ends the program with a message."""
    parser = common_parser("benchmarks.features", __doc__, rounds=7)
    parser.add_argument(
        "--shapes", default="study", help=f"of {', '.join(SHAPES)} (default: study)"
    )
    parser.add_argument(
        "--features", help=f"of {', '.join(FEATURES)}, or how such names begin (default: all)"
    )
    given = parser.parse_args(arguments)
    return Options(
        read_common(parser, given, arguments),
        select(parser, "--shapes", given.shapes, SHAPES),
        select(parser, "--features", given.features, FEATURES),
    )


def measure(shape: Shape, features: Sequence[Feature], common: Common) -> dict[str, Any]:
    """Train the plain fleet and that of every feature in turns.

    Args:
        shape: What is trained.
        features: What is added to it, one at a time.
        common: Options of every benchmark.

    Returns:
        Seconds and ratios over the rounds, by feature.
    """
    problem = problem_of(shape)
    costs: dict[str, list[Cost]] = {feature.name: [] for feature in features}
    first: list[Cost] = []
    last: list[Cost] = []
    for feature in (PLAIN, *features):
        train(replace(problem, shape=replace(shape, epochs=1)), feature, common.threads)
    generator = np.random.default_rng(0)
    for number in range(common.rounds):
        say(f"{shape.name}: round {number + 1} of {common.rounds}")
        first.append(train(problem, PLAIN, common.threads))
        for index in generator.permutation(len(features)):
            feature = features[index]
            costs[feature.name].append(train(problem, feature, common.threads))
        last.append(train(problem, PLAIN, common.threads))
    plain = [
        Cost((a.wall_seconds + b.wall_seconds) / 2, (a.cpu_seconds + b.cpu_seconds) / 2)
        for a, b in zip(first, last, strict=True)
    ]
    return {
        **asdict(shape),
        "plain_seconds": asdict(_summary(plain, "wall_seconds")),
        "plain_again": _over(last, first),
        "features": [
            {
                **asdict(feature),
                "wall_seconds": asdict(_summary(costs[feature.name], "wall_seconds")),
                "over_plain": _over(costs[feature.name], plain),
            }
            for feature in features
        ],
    }


def _summary(costs: Sequence[Cost], kind: str) -> Summary:
    return summarize([getattr(cost, kind) for cost in costs])


def _over(ours: Sequence[Cost], theirs: Sequence[Cost]) -> dict[str, Any]:
    """Give the ratios of both kinds of time."""
    return {
        kind: asdict(ratio(_summary(ours, f"{kind}_seconds"), _summary(theirs, f"{kind}_seconds")))
        for kind in ("wall", "cpu")
    }


def problem_of(shape: Shape) -> Problem:
    """Draw a shape's rows, and a quarter as many to validate on."""
    together = replace(shape, rows=shape.rows + shape.rows // 4)
    data = synthetic(together, np.random.default_rng(0))
    training, validation = (
        Data(np.ascontiguousarray(data.features[part]), data.labels[part])
        for part in (slice(shape.rows), slice(shape.rows, None))
    )
    return Problem(shape, training, validation)


def train(problem: Problem, feature: Feature, threads: int) -> Cost:
    """Train a fleet and say what it took; its construction is inside the timed region."""
    shape, data, held_out = problem.shape, problem.training, problem.validation
    recipe = plain_recipe(shape, shape.epochs).changed(**feature.changes)
    if feature.validated:  # patience that lasts: the same epochs as the others
        recipe = recipe.changed(patience=shape.epochs)
    weights = np.random.default_rng(0).uniform(0.5, 1.5, shape.rows).astype(np.float32)
    started, begun = time.perf_counter(), time.process_time()
    fleet = Fleet(
        [Member(recipe, seed=seed) for seed in range(shape.members)],
        data.features,
        data.labels,
        validation=(held_out.features, held_out.labels) if feature.validated else None,
        sample_weight=weights if feature.weighted else None,
        classes=shape.classes,
        threads=threads,
    )
    fleet.run()
    return Cost(time.perf_counter() - started, time.process_time() - begun)


def render(run: Mapping[str, Any]) -> str:
    """Lay out a run: the machine, and a table for every shape."""
    rounds = (
        f"{run['settings']['rounds']} rounds, features in random order between two plain fleets"
    )
    notes = (
        "Times in ms; median [min - max] over rounds. A ratio is to the mean of the two plain "
        "trainings of its round;\nwall: of the time on the clock, CPU: of the time of all "
        "processors.\nearly-stopping: validation rows a quarter of the training rows, "
        "patience that lasts all epochs."
    )
    return "\n\n".join([f"{heading(run)}\n{rounds}", *map(_shape, run["shapes"]), notes])


def _shape(shape: Mapping[str, Any]) -> str:
    title = (
        f"{shape['name']}: {'-'.join(map(str, shape['widths']))}, n {shape['rows']:,}, "
        f"batch {shape['batch']}, {shape['members']} members, {shape['epochs']} epochs"
    )
    rows = [
        (
            *("feature", "recipe", "ms", "[min - max]"),
            *("over plain, wall", "[min - max]", "CPU", "[min - max]", "target"),
        ),
        ("plain", "", *_milliseconds(shape["plain_seconds"]), "1", "", "1", "", ""),
        ("plain again", "", "", "", *_ratios(shape["plain_again"]), ""),
    ]
    rows += [
        (
            feature["name"],
            ", ".join(f"{name}={value}" for name, value in feature["changes"].items()),
            *_milliseconds(feature["wall_seconds"]),
            *_ratios(feature["over_plain"]),
            feature["target"],
        )
        for feature in shape["features"]
    ]
    return "\n".join([title, columns(rows)])


def _ratios(over: Mapping[str, Any]) -> tuple[str, ...]:
    return (*cells(over["wall"]), *cells(over["cpu"]))


def _milliseconds(seconds: Mapping[str, Any]) -> tuple[str, str]:
    return cells({name: 1000 * seconds[name] for name in ("median", "low", "high")}, ",.1f")


if __name__ == "__main__":
    sys.exit(main())
