"""What each topic of `levelset explain` is made from: options, and a network's file."""

import json as json_format
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from levelset.errors import DataError
from levelset.theory.workings import (
    Working,
    backpropagation_working,
    binary_cross_entropy_working,
    cross_entropy_working,
    kl_working,
    one_hot_working,
    softmax_working,
)
from levelset.theory.workings.small_network import EXAMPLE

MOST_BYTES = 1_000_000

Numbers = tuple[float, ...]
Logits = Annotated[Numbers, Parameter(help="The network's outputs of one row, one a class.")]
Label = Annotated[int | None, Parameter(help="The true class, counted from 0.")]
Target = Annotated[
    Numbers | None, Parameter(help="The true distribution, in place of a label; sums to 1.")
]


@Parameter(name="*")
@dataclass(frozen=True)
class SoftmaxOptions:
    """What `softmax` takes."""

    logits: Logits
    temperature: Annotated[float, Parameter(help="Logits are divided by it.")] = 1.0

    def working(self) -> Working:
        """Work it out."""
        return softmax_working(self.logits, self.temperature)


@Parameter(name="*")
@dataclass(frozen=True)
class OneHotOptions:
    """What `one-hot` takes."""

    label: Annotated[int, Parameter(help="The class, counted from 0.")]
    classes: Annotated[int, Parameter(help="How many classes there are.")] = 3

    def working(self) -> Working:
        """Work it out."""
        return one_hot_working(self.label, self.classes)


@Parameter(name="*")
@dataclass(frozen=True)
class CrossEntropyOptions:
    """What `cross-entropy` takes."""

    logits: Logits
    label: Label = None
    target: Target = None
    smoothing: Annotated[float, Parameter(help="Label smoothing, from 0 to 1.")] = 0.0

    def working(self) -> Working:
        """Work it out."""
        return cross_entropy_working(self.logits, _truth(self.label, self.target), self.smoothing)


@Parameter(name="*")
@dataclass(frozen=True)
class BinaryOptions:
    """What `binary-cross-entropy` takes."""

    logits: Annotated[Numbers, Parameter(help="Log odds of yes, one a question.")]
    target: Annotated[Numbers, Parameter(help="1 for yes and 0 for no, one a question.")]

    def working(self) -> Working:
        """Work it out."""
        return binary_cross_entropy_working(self.logits, self.target)


@Parameter(name="*")
@dataclass(frozen=True)
class KlOptions:
    """What `kl` takes."""

    target: Target = None
    label: Label = None
    logits: Annotated[Numbers | None, Parameter(help="The network's outputs of one row.")] = None
    prediction: Annotated[
        Numbers | None, Parameter(help="Predicted probabilities, in place of logits.")
    ] = None

    def working(self) -> Working:
        """Work it out."""
        truth = _truth(self.label, self.target)
        return kl_working(truth, logits=self.logits, prediction=self.prediction)


@Parameter(name="*")
@dataclass(frozen=True)
class BackpropagationOptions:
    """What `backpropagation` takes; what is left out is the file's, or the example's."""

    network: Annotated[
        Path | None, Parameter(help="A JSON or TOML file with the fields below.")
    ] = None
    x: Annotated[Numbers | None, Parameter(help="The row's features.")] = None
    weights: Annotated[
        tuple[str, ...] | None,
        Parameter(help='A matrix a layer, inputs by units, such as "[[1, -1], [2, 0]]".'),
    ] = None
    biases: Annotated[
        tuple[str, ...] | None, Parameter(help='A list a layer, such as "[0, 0.5]".')
    ] = None
    activation: Annotated[tuple[str, ...] | None, Parameter(help="One, or one a hidden layer.")] = (
        None
    )
    loss: Annotated[
        str | None,
        Parameter(help="softmax_cross_entropy, sigmoid_cross_entropy or squared_error."),
    ] = None
    label: Label = None
    target: Annotated[Numbers | None, Parameter(help="What the outputs should be.")] = None
    learning_rate: Annotated[float | None, Parameter(help="How far to step.")] = None

    def working(self) -> Working:
        """Work it out."""
        return backpropagation_working(self.description())

    def description(self) -> dict[str, Any]:
        """Put the file, or the example, and the options over it into one mapping."""
        mapping = dict(EXAMPLE) if self.network is None else _network_file(self.network)
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        own = {name: value for name, value in own.items() if value is not None}
        own.pop("network", None)
        for name in ("weights", "biases"):
            if name in own:
                own[name] = [_matrix(name, text) for text in own[name]]
        if len(own.get("activation", ())) == 1:
            own["activation"] = own["activation"][0]
        if "weights" in own and "biases" not in own:
            mapping.pop("biases", None)  # they belong to other weights
        if ("label" in own) != ("target" in own):
            mapping.pop("target" if "label" in own else "label", None)
        return {**mapping, **own}


Topic = (
    SoftmaxOptions
    | OneHotOptions
    | CrossEntropyOptions
    | BinaryOptions
    | KlOptions
    | BackpropagationOptions
)
"""Options that a working is made from."""


def _truth(label: int | None, target: Numbers | None) -> int | Numbers:
    if label is not None and target is None:
        return label
    if target is not None and label is None:
        return target
    raise DataError(
        f"One of `--label` and `--target` must be given, got "
        f"{'none' if label is None else 'both'}; a label stands for a one-hot target."
    )


def _matrix(name: str, text: str) -> Any:
    try:
        return json_format.loads(text)
    except (ValueError, RecursionError):
        raise DataError(
            f"`--{name}` must be given in brackets, such as '[[1, -1], [2, 0]]' for weights or "
            f"'[0, 0.5]' for biases, one a layer, got {text!r:.60}."
        ) from None


def _network_file(path: Path) -> dict[str, Any]:
    text, loads = read_text(path), {".json": json_format.loads, ".toml": tomllib.loads}
    if path.suffix.lower() not in loads:
        raise DataError(f"A network's file must end in .json or .toml, got {path}; rename it.")
    try:
        mapping = loads[path.suffix.lower()](text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} must hold a network, but cannot be read: {error}.") from None
    if not isinstance(mapping, dict):
        raise DataError(f"{path} must hold fields and values, got a {type(mapping).__name__}.")
    return mapping


def read_text(path: Path) -> str:
    """Read a small file of text.

    Raises:
        DataError: It cannot be read, is too large, or is no text.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataError(f"{path} must be smaller than 1 MB; is it the right file?")
        return path.read_text("utf-8")
    except OSError as error:
        raise DataError(f"{path} must be a readable file, but: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise DataError(f"{path} must be text in UTF-8; save it as such.") from None
