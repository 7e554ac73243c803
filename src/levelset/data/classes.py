"""Labels into class codes, and the faults that keep a target from being one of classes."""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Int64, Shaped

from levelset.data.wording import counted, listed, quoted


def encode_labels(
    labels: Shaped[np.ndarray, " n"],
) -> tuple[Int64[np.ndarray, " n"], tuple[str, ...]]:
    """Number the classes of a target.

    Numbers are sorted as numbers and named without a needless fraction (`1.0` is class `1`); texts
    are sorted as texts, unless every one of them is a number.

    Args:
        labels: (n,) booleans, numbers or texts, none missing.

    Returns:
        (n,) codes, and the name of each code.

    Example:
        >>> encode_labels(np.array([10.0, 2.0, 10.0]))
        (array([1, 0, 1]), ('2', '10'))
    """
    if labels.dtype.kind in "iuf":
        distinct, codes = np.unique(labels, return_inverse=True)
        whole = not is_fractional(labels)
        names = tuple(str(int(value)) if whole else repr(float(value)) for value in distinct)
        return codes.astype(np.int64), names
    texts = [str(label).strip() for label in labels]
    names = in_order(set(texts))
    code_of = {name: code for code, name in enumerate(names)}
    return np.array([code_of[text] for text in texts], dtype=np.int64), names


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Sort names, as numbers if all of them are numbers.

    Args:
        names: Distinct names.

    Returns:
        The sorted names.

    Example:
        >>> in_order(["10", "9"]), in_order(["b10", "b9"])
        (('9', '10'), ('b10', 'b9'))
    """
    ordered = sorted(names)
    try:
        return tuple(sorted(ordered, key=float))
    except ValueError:
        return tuple(ordered)


def is_fractional(labels: Shaped[np.ndarray, " n"]) -> bool:
    """Say whether any label is a number with a fraction.

    Args:
        labels: (n,) labels of any type.

    Returns:
        Whether one of them is not whole.

    Example:
        >>> is_fractional(np.array([1.0, 2.5]))
        True
    """
    return labels.dtype.kind == "f" and bool(np.any(labels != np.floor(labels)))


def class_faults(subject: str, labels: Shaped[np.ndarray, " n"]) -> list[str]:
    """Find why labels cannot be the classes of a classifier.

    There must be two classes or more. Labels with a fraction are a measurement (regression) beyond
    50 distinct values, or beyond 10 where that is also a tenth of the rows; other labels are an
    identifier or a count beyond 50 distinct values that are also a tenth of the rows.

    Args:
        subject: What the sentence is about, for example "The target `y`".
        labels: (n,) labels, none missing.

    Returns:
        A sentence per fault; none for usable labels.

    Example:
        >>> class_faults("`y`", np.array([1, 1]))
        ['`y` must have two classes or more, got only `1` (2 rows); check the choice of target.']
    """
    codes, classes = encode_labels(labels)
    if len(classes) < 2:
        return [
            f"{subject} must have two classes or more, got only {quoted(classes[0])} "
            f"({counted(len(codes), 'row')}); check the choice of target."
            if classes
            else f"{subject} must have two classes or more, got no value at all."
        ]
    tenth = len(codes) / 10
    fractional = is_fractional(labels)
    if len(classes) <= (min(50, max(10, tenth)) if fractional else max(50, tenth)):
        return []
    found = f"got {counted(len(classes), 'distinct value')} in {counted(len(codes), 'row')}"
    if labels.dtype.kind in "iuf":
        return [
            f"{subject} must be a class label, {found} (for example {listed(classes, 3)}): that is "
            "a quantity, and predicting it is regression. Choose another target, or bin it into "
            "a few classes first, for example with pandas.qcut."
        ]
    return [
        f"{subject} must be a class label, {found} (for example {listed(classes, 3)}): that is "
        "an identifier or free text. Choose another target."
    ]
