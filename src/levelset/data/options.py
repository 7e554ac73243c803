"""What a table's name may ask for behind a colon, and what a generator of tables returns."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from levelset.data.wording import as_paragraph, listed, quoted, suggested
from levelset.errors import DataError

Number = int | float
Options = Mapping[str, Number]


@dataclass(frozen=True)
class Option:
    """One number that a table may be asked for.

    Args:
        name: As it is written in a table's name.
        default: Its value where nothing is asked.
        low: The least value allowed.
        high: The greatest.
        meaning: What it is, in a few words.
        whole: Whether it must be a whole number.
    """

    name: str
    default: Number
    low: Number
    high: Number
    meaning: str
    whole: bool = False


@dataclass(frozen=True, eq=False)
class Draw:
    """Rows that a generator drew.

    Args:
        values: The features.
        targets: Class codes.
        classes: c; a class may happen to have no row.
        probabilities: p(c | x) of each row, or None where it is not known.
    """

    values: Float64[np.ndarray, "n d"]
    targets: Int64[np.ndarray, " n"]
    classes: int
    probabilities: Float64[np.ndarray, "n c"] | None


SEED = Option("seed", 0, 0, 2**53, "of everything random", whole=True)
"""Which rows are drawn, and which labels are replaced; to 2⁵³, where numbers stop being exact."""

LABEL_OPTIONS = (
    Option("label_noise", 0.0, 0.0, 1.0, "share of labels replaced by another class"),
    Option("permuted_labels", 0, 0, 1, "1 to shuffle the labels over the rows", whole=True),
)
"""What may be done to the labels of any table that has a name."""


def balanced_targets(
    rows: int, classes: int, generator: np.random.Generator
) -> Int64[np.ndarray, " n"]:
    """Draw labels with every class as often as every other, in random order.

    If c does not divide n, chance decides which classes have one row more, so that each label is
    uniform over the classes.

    Args:
        rows: n.
        classes: c.
        generator: Of the order.

    Returns:
        (n,) class codes.

    Example:
        >>> from levelset.seeds import stream
        >>> np.bincount(balanced_targets(12, 3, stream(0, "targets")))
        array([4, 4, 4])
    """
    codes = generator.permutation(classes)[np.arange(rows) % classes]
    return generator.permutation(codes).astype(np.int64)


def split_name(source: str) -> tuple[str, str]:
    """Part a table's name from its options.

    Args:
        source: For example `moons:rows=100,noise=0.3`.

    Returns:
        The name, and the text of the options; empty if there is none.

    Example:
        >>> split_name("moons:rows=100"), split_name("iris")
        (('moons', 'rows=100'), ('iris', ''))
    """
    name, _, text = source.partition(":")
    return name, text


def read_options(name: str, text: str) -> dict[str, Number]:
    """Read the options behind a table's name.

    Args:
        name: The table, for the message.
        text: For example `rows=100,noise=0.3`.

    Returns:
        The numbers, by name, in the order given; unchecked but for being numbers.

    Raises:
        DataError: If a part is not `option=number`, or an option is given twice.

    Example:
        >>> read_options("moons", "rows=100, noise=0.3")
        {'rows': 100, 'noise': 0.3}
    """
    values: dict[str, Number] = {}
    faults = []
    for part in text.split(",") if text.strip() else ():
        key, equals, number = (piece.strip() for piece in part.partition("="))
        value = _number(number)
        if not (key and equals) or value is None:
            faults.append(f"Options must read `option=number`, got {quoted(part.strip())}.")
        elif key in values:
            faults.append(f"`{key}` is given twice; leave one out.")
        else:
            values[key] = value
    if faults:
        raise DataError(as_paragraph(name, faults))
    return values


def complete_options(name: str, given: Options, options: Sequence[Option]) -> dict[str, Number]:
    """Check the options that were given and add the defaults of the others.

    Args:
        name: The table, for the message.
        given: Values by name.
        options: What the table may be asked for.

    Returns:
        A value for every option, in their order.

    Raises:
        DataError: With every fault at once.

    Example:
        >>> complete_options("iris", {"label_noise": 0.1}, LABEL_OPTIONS)
        {'label_noise': 0.1, 'permuted_labels': 0}
    """
    known = [option.name for option in options]
    faults = [
        f"There is no option `{key}`; it must be one of {listed(known, limit=16)}."
        f"{suggested(key, known)}"
        for key in given
        if key not in known
    ]
    values = {option.name: given.get(option.name, option.default) for option in options}
    faults += [fault for option in options if (fault := _fault(option, values[option.name]))]
    if faults:
        raise DataError(as_paragraph(name, faults))
    return values


def written_options(values: Options) -> str:
    """Write options as a table's name has them.

    Args:
        values: By name.

    Returns:
        The text behind the colon.

    Example:
        >>> written_options({"rows": 4000.0, "noise": 0.02})
        'rows=4000,noise=0.02'
    """
    return ",".join(
        f"{name}={int(value) if float(value).is_integer() else repr(float(value))}"
        for name, value in values.items()
    )


def _number(text: str) -> Number | None:
    try:
        value = float(text)
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() else value


def _fault(option: Option, value: Number) -> str:
    if option.low <= value <= option.high and not (option.whole and value != int(value)):
        return ""
    kind = "a whole number" if option.whole else "a number"
    return (
        f"`{option.name}` ({option.meaning}) must be {kind} from {option.low:,} to "
        f"{option.high:,}, got {value:,}."
    )
